#include "braid/kernel/token_bag.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/token_bag_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include <algorithm>

#include "braid/kernel/dropout_draws.h"
#include "braid/kernel/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

// Columns done at a time: one stack buffer of factors, and the unit of work for threads.
constexpr int64_t kBagColumns = 64;

// Factors of one token's columns [begin, end), begin a multiple of 4: 0 or `kept`.
HWY_INLINE void draw_factors(const TokenBag& bag, int64_t token, int64_t begin, int64_t end,
                             uint32_t threshold, float kept, float* factors) {
  const auto quads = static_cast<uint64_t>((bag.width + 3) / 4);
  const uint64_t first = static_cast<uint64_t>(token) * quads + static_cast<uint64_t>(begin / 4);
  for (int64_t d = 0; d < end - begin; d += 4) {
    const uint64_t bits = dropout_bits(bag.key, first + static_cast<uint64_t>(d / 4));
    for (int64_t i = 0; i < 4; ++i)  // the buffer holds whole fours
      factors[d + i] = (bits >> (16 * i) & 0xffff) >= threshold ? kept : 0.0f;
  }
}

// to[d] += factors[d] * from[d]
HWY_INLINE void add_product(const float* factors, const float* from, int64_t count, float* to) {
  const FloatTag tag;
  const int64_t lanes = lane_count();
  int64_t d = 0;
  for (; d + lanes <= count; d += lanes) {
    const auto sum =
        hn::MulAdd(hn::LoadU(tag, factors + d), hn::LoadU(tag, from + d), hn::LoadU(tag, to + d));
    hn::StoreU(sum, tag, to + d);
  }
  if (d < count) {
    const auto sum = hn::MulAdd(load_some(factors + d, count - d), load_some(from + d, count - d),
                                load_some(to + d, count - d));
    store_some(sum, to + d, count - d);
  }
}

// Calls visit(token, factors) for the real tokens of text b, with factors that hold 1 / count.
template <class Visit>
HWY_INLINE void for_tokens(const TokenBag& bag, int64_t b, int64_t begin, int64_t end,
                           const Visit& visit) {
  const bool* real = bag.real + b * bag.steps;
  int64_t count = 0;
  for (int64_t t = 0; t < bag.steps; ++t) count += real[t];
  const uint32_t threshold = dropout_threshold(bag.dropout);
  const float kept = static_cast<float>(dropout_scale(threshold) / static_cast<double>(count));
  float factors[kBagColumns];
  std::fill_n(factors, kBagColumns, kept);
  for (int64_t t = 0; t < bag.steps; ++t) {
    if (!real[t]) continue;
    const int64_t token = b * bag.steps + t;
    if (threshold > 0) draw_factors(bag, token, begin, end, threshold, kept, factors);
    visit(token, factors);
  }
}

void bag_forward_here(const TokenBag& bag, const float* table, float* pooled) {
#pragma omp parallel for schedule(static)
  for (int64_t b = 0; b < bag.texts; ++b) {
    float* to = pooled + b * bag.width;
    std::fill_n(to, bag.width, 0.0f);
    for (int64_t begin = 0; begin < bag.width; begin += kBagColumns) {
      const int64_t end = std::min(bag.width, begin + kBagColumns);
      for_tokens(bag, b, begin, end, [&](int64_t token, const float* factors) {
        add_product(factors, table + bag.ids[token] * bag.width + begin, end - begin, to + begin);
      });
    }
  }
}

// Threads share out the columns, not the texts: two texts may hold the same token.
void bag_backward_here(const TokenBag& bag, const float* d_pooled, float* d_table) {
#pragma omp parallel for schedule(static)
  for (int64_t begin = 0; begin < bag.width; begin += kBagColumns) {
    const int64_t end = std::min(bag.width, begin + kBagColumns);
    for (int64_t b = 0; b < bag.texts; ++b) {
      const float* from = d_pooled + b * bag.width + begin;
      for_tokens(bag, b, begin, end, [&](int64_t token, const float* factors) {
        add_product(factors, from, end - begin, d_table + bag.ids[token] * bag.width + begin);
      });
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(bag_forward_here);
HWY_EXPORT(bag_backward_here);

void token_bag_forward(const TokenBag& bag, const float* table, float* pooled) {
  HWY_DYNAMIC_DISPATCH(bag_forward_here)(bag, table, pooled);
}

void token_bag_backward(const TokenBag& bag, const float* d_pooled, float* d_table) {
  HWY_DYNAMIC_DISPATCH(bag_backward_here)(bag, d_pooled, d_table);
}

}  // namespace braid
#endif
