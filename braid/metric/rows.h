// What every metric on embeddings asks of its input.
#pragma once

#include <span>

#include "braid/core/array.h"

namespace braid {

// The values of a [N, D] float32 array, N and D >= 1, all finite. Throws Error(kShape) or, for NaN
// and infinity, Error(kInput); `name` says which argument.
std::span<const float> finite_rows(const Array& array, const char* name);

// Throws Error(kShape) unless both have the same width.
void check_same_width(const Array& a, const Array& b);

}  // namespace braid
