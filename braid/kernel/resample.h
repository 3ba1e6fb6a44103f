// The two inner loops of an antialiased resize, on rows of bytes, exact as Pillow's: weights in
// fixed point with 22 fraction bits, sums in 32 bits, rounded and clamped to 8 bits. Integers only,
// so the bytes are the same on every instruction set.
#pragma once

#include <cstdint>
#include <vector>

namespace braid {

inline constexpr int kFractionBits =
    32 - 8 - 2;  // 8 of the sample, 2 of headroom for negative lobes

// Bytes beyond its end that a row may be read or written, whatever its length.
inline constexpr int64_t kRowSlack = 64;

// For each output position along one axis: which inputs it sums, and with what weights.
struct AxisWeights {
  int64_t taps = 0;              // stored for each output, a multiple of 4; unused ones weigh 0
  std::vector<int64_t> first;    // first input of each output
  std::vector<int64_t> count;    // inputs of each output
  std::vector<int32_t> weights;  // [outputs, taps]

  int64_t outputs() const { return static_cast<int64_t>(first.size()); }
  const int32_t* of(int64_t output) const { return weights.data() + output * taps; }
};

inline constexpr int64_t kOutputsAtOnce = 4;

// Weights along a row as scale_row reads them, for a multiple of kOutputsAtOnce outputs.
struct RowWeights {
  int64_t taps = 0;
  int64_t inputs = 0;  // pixels of a row that are read, some with weight 0
  std::vector<int64_t> first;
  std::vector<int32_t>
      by_sample;  // [outputs, taps, 4]: each weight once for each sample of a pixel
};
RowWeights row_weights(const AxisWeights& axis);

// Scales one row of `channels` (3 or 4) interleaved. Reads `inputs` pixels of it and writes its
// outputs, each with kRowSlack.
void scale_row(const uint8_t* row, const RowWeights& weights, int64_t channels, uint8_t* out);

// One output row of `size` bytes, exactly: the weighted sum of `count` rows, read with kRowSlack.
void mix_rows(const uint8_t* const* rows, const int32_t* weights, int64_t count, int64_t size,
              uint8_t* out);

}  // namespace braid
