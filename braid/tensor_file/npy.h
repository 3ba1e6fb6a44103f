// NumPy's .npy, versions 1 to 3: one little-endian, C-order array.
#pragma once

#include <filesystem>

#include "braid/core/array.h"

namespace braid {

// Throws Error(kInput) for another byte order, Fortran order, object dtypes, wrong sizes.
Array read_npy(const std::filesystem::path& path);
void write_npy(const std::filesystem::path& path, const Array& array);  // atomically; Error(kIo)

}  // namespace braid
