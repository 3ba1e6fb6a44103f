#include "braid/data/field_dropout.h"

#include <algorithm>

namespace braid {
namespace {

bool in_a_pair(const std::vector<bool>& there,
               const std::vector<std::pair<size_t, size_t>>& pairs) {
  return std::any_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
    return there.at(pair.first) && there.at(pair.second);
  });
}

}  // namespace

std::vector<bool> dropped_fields(const std::vector<bool>& there, const FieldDropoutConfig& config,
                                 Rng& rng) {
  std::vector<bool> dropped(there.size(), false);
  auto left = there;
  const auto order = permutation(static_cast<int64_t>(there.size()), Rng(rng.next()));
  for (const int64_t number : order) {
    const auto field = static_cast<size_t>(number);
    const bool drawn = rng.uniform() < config.rate;  // also for missing ones: chance stays in step
    if (!drawn || !left[field]) continue;
    left[field] = false;
    dropped[field] = in_a_pair(left, config.pairs);
    left[field] = !dropped[field];
  }
  return dropped;
}

}  // namespace braid
