// NumPy's .npy, versions 1 to 3: one little-endian, C-order array.
// Format: numpy.lib.format. Written as version 1, byte for byte as numpy.save (1.26, 2.x) does.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "braid/core/array.h"

namespace braid {

// A view of the mapped file, as read_safetensors gives. Throws Error(kNotFound), Error(kIo),
// Error(kInput) for another byte order, Fortran order, object or structured dtypes, wrong sizes.
Array read_npy(const std::filesystem::path& path);

// The same of bytes in memory (a member of an .npz), copied. `name` is for messages.
Array parse_npy(std::span<const std::byte> bytes, const std::string& name);

// The bytes that write_npy writes. Throws Error(kInput) as it.
std::string format_npy(const Array& array);

// Atomically. Throws Error(kIo), Error(kInput) for BF16, which NumPy lacks, or an empty Array.
void write_npy(const std::filesystem::path& path, const Array& array);

}  // namespace braid
