// Numbers for the tests of kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "braid/core/rng.h"

namespace braid {

// Of a normal distribution with variance 1.
inline std::vector<float> draws(int64_t count, uint64_t seed, double mean = 0) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (auto& v : values) v = static_cast<float>(mean + rng.normal());
  return values;
}

}  // namespace braid
