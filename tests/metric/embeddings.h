// Arrays for the metric tests.
#pragma once

#include <cmath>
#include <vector>

#include "braid/core/array.h"
#include "braid/core/rng.h"

namespace braid::metric_test {

inline Array rows(int64_t width, const std::vector<float>& values) {
  const auto count = static_cast<int64_t>(values.size()) / width;
  return Array::of<float>({count, width}, values);
}

// Directions spread evenly over the sphere.
inline Array random_unit_rows(int64_t count, int64_t width, uint64_t seed) {
  Array array(DType::kF32, {count, width});
  auto values = array.mutable_values<float>();
  Rng rng(seed);
  for (int64_t r = 0; r < count; ++r) {
    auto row = values.subspan(static_cast<size_t>(r * width), static_cast<size_t>(width));
    double square = 0;
    for (float& v : row) {
      v = static_cast<float>(rng.normal());
      square += static_cast<double>(v) * v;
    }
    for (float& v : row) v = static_cast<float>(v / std::sqrt(square));
  }
  return array;
}

}  // namespace braid::metric_test
