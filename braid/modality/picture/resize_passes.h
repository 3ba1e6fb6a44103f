// The two inner loops of resize, on rows of bytes. Used by resize.cpp only.
//
// With SSE2 two taps go through one pmaddwd; its factors are 16 bits, so each 23-bit weight is
// split into a high and a low half. Sums are exact modulo 2^32, hence equal to the plain loop's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace braid {

inline constexpr int kFractionBits =
    32 - 8 - 2;  // 8 bits of pixel, 2 of headroom for negative lobes
inline constexpr int kLowBits = 12;

// The weights of two neighbouring taps, as pmaddwd reads them.
struct TapPair {
  int16_t high[2] = {};
  int16_t low[2] = {};

  void set(int tap, int32_t weight) {
    high[tap] = static_cast<int16_t>(weight >> kLowBits);
    low[tap] = static_cast<int16_t>(weight & ((1 << kLowBits) - 1));
  }
  int32_t weight(int tap) const { return high[tap] * (1 << kLowBits) + low[tap]; }
};

// For each output position along one axis: which inputs it sums, and with what weights.
struct AxisWeights {
  int64_t pairs = 0;           // stored per output; unused taps weigh 0
  std::vector<int64_t> first;  // first input of each output
  std::vector<int64_t> count;  // inputs of each output
  std::vector<TapPair> taps;

  int64_t outputs() const { return static_cast<int64_t>(first.size()); }
  const TapPair* of(int64_t output) const { return taps.data() + output * pairs; }
};

// Scales one row of `channels` (3 or 4) interleaved; `end` is the end of the whole picture.
void scale_row(const uint8_t* row, const uint8_t* end, const AxisWeights& axis, int64_t channels,
               uint8_t* out);

// One output row: the weighted sum of `count` rows of `size` bytes, one behind the other.
void mix_rows(const uint8_t* rows, int64_t size, const TapPair* taps, int64_t count, uint8_t* out);

}  // namespace braid
