// Items for the tests of the index.
#pragma once

#include <string>
#include <vector>

#include "braid/core/rng.h"
#include "braid/index/index.h"

namespace braid {

inline const IndexOrigin kTestOrigin = {"run-1", "0123", "../runs/one"};

inline IndexItem item_of(const std::string& key, std::vector<float> vector, int64_t number = 0) {
  return {key, "image", "{\"n\":" + std::to_string(number) + "}", key + ".png", std::move(vector)};
}

inline std::vector<float> random_vector(int64_t width, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> vector;
  for (int64_t d = 0; d < width; ++d) vector.push_back(static_cast<float>(rng.normal()));
  return vector;
}

inline std::vector<std::string> keys_of(const std::vector<IndexHit>& hits) {
  std::vector<std::string> keys;
  for (const auto& hit : hits) keys.push_back(hit.key);
  return keys;
}

}  // namespace braid
