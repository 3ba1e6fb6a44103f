// NumPy's .npy, versions 1 to 3: one little-endian, C-order array.
// Format: numpy.lib.format. Written as version 1, byte for byte as numpy.save (1.26, 2.x) does.
#pragma once

#include <filesystem>

#include "braid/core/array.h"

namespace braid {

// A view of the mapped file, as read_safetensors gives. Throws Error(kNotFound), Error(kIo),
// Error(kInput) for another byte order, Fortran order, object or structured dtypes, wrong sizes.
Array read_npy(const std::filesystem::path& path);

// Atomically. Throws Error(kIo), Error(kInput) for BF16, which NumPy lacks, or an empty Array.
void write_npy(const std::filesystem::path& path, const Array& array);

}  // namespace braid
