#include <algorithm>
#include <vector>

#include "braid/kernel/dropout_draws.h"
#include "braid/kernel/token_bag.h"

namespace braid {
namespace {

double factor_ref(const TokenBag& bag, int64_t token, int64_t d) {
  const uint32_t threshold = dropout_threshold(bag.dropout);
  const auto quads = static_cast<uint64_t>((bag.width + 3) / 4);
  const uint64_t bits =
      dropout_bits(bag.key, static_cast<uint64_t>(token) * quads + static_cast<uint64_t>(d / 4));
  const bool kept = (bits >> (16 * (d % 4)) & 0xffff) >= threshold;
  return kept ? dropout_scale(threshold) : 0;
}

double count_ref(const TokenBag& bag, int64_t b) {
  const bool* real = bag.real + b * bag.steps;
  return static_cast<double>(std::max<int64_t>(1, std::count(real, real + bag.steps, true)));
}

}  // namespace

void token_bag_forward_ref(const TokenBag& bag, const float* table, float* pooled) {
  for (int64_t b = 0; b < bag.texts; ++b) {
    for (int64_t d = 0; d < bag.width; ++d) {
      double sum = 0;
      for (int64_t token = b * bag.steps; token < (b + 1) * bag.steps; ++token) {
        if (bag.real[token])
          sum += factor_ref(bag, token, d) * table[bag.ids[token] * bag.width + d];
      }
      pooled[b * bag.width + d] = static_cast<float>(sum / count_ref(bag, b));
    }
  }
}

void token_bag_backward_ref(const TokenBag& bag, const float* d_pooled, float* d_table) {
  for (int64_t token = 0; token < bag.texts * bag.steps; ++token) {
    if (!bag.real[token]) continue;
    const int64_t b = token / bag.steps;
    for (int64_t d = 0; d < bag.width; ++d) {
      const double change =
          factor_ref(bag, token, d) * d_pooled[b * bag.width + d] / count_ref(bag, b);
      d_table[bag.ids[token] * bag.width + d] += static_cast<float>(change);
    }
  }
}

}  // namespace braid
