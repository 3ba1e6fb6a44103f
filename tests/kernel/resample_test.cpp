#include "braid/kernel/resample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/kernel/simd_targets.h"

namespace braid {
namespace {

std::vector<uint8_t> odd_bytes(int64_t size) {
  std::vector<uint8_t> bytes(static_cast<size_t>(size));
  uint32_t state = 7;
  for (auto& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return bytes;
}

// `outputs` of `count` inputs each, one further on each time. The weights sum to 1 where the lobes
// do not: the last is 1.5 and the first -0.5 as far as there are two, so that sums leave 0 .. 255.
AxisWeights sliding(int64_t outputs, int64_t count) {
  AxisWeights axis{(count + 3) / 4 * 4, {}, {}, {}};
  axis.weights.resize(static_cast<size_t>(outputs * axis.taps));
  for (int64_t i = 0; i < outputs; ++i) {
    axis.first.push_back(i);
    axis.count.push_back(count);
    auto* weights = axis.weights.data() + i * axis.taps;
    for (int64_t k = 1; k + 1 < count; ++k) weights[k] = static_cast<int32_t>((i + 5 * k) % 9) - 4;
    weights[0] = count > 1 ? -(1 << (kFractionBits - 1)) : 1 << kFractionBits;
    if (count > 1) weights[count - 1] = 3 << (kFractionBits - 1);
  }
  return axis;
}

// In 64 bits.
uint8_t plain_sum(const uint8_t* from, int64_t step, const int32_t* weights, int64_t count) {
  int64_t sum = 1 << (kFractionBits - 1);
  for (int64_t k = 0; k < count; ++k) sum += int64_t{from[k * step]} * weights[k];
  return static_cast<uint8_t>(std::clamp<int64_t>(sum >> kFractionBits, 0, 255));
}

TEST(ScaleRow, IsThePlainSumForEveryNumberOfOutputsAndTaps) {
  on_every_simd([] {
    for (const int64_t channels : {3, 4}) {
      for (const int64_t outputs : {1, 2, 3, 4, 5, 7, 16, 33}) {
        for (const int64_t count : {1, 2, 3, 4, 5, 8, 9, 13}) {
          const auto axis = sliding(outputs, count);
          const auto weights = row_weights(axis);
          const auto row = odd_bytes(weights.inputs * channels + kRowSlack);
          std::vector<uint8_t> out(static_cast<size_t>(outputs * channels + kRowSlack));
          scale_row(row.data(), weights, channels, out.data());
          for (int64_t i = 0; i < outputs * channels; ++i) {
            const int64_t output = i / channels;
            const auto* from = row.data() + axis.first[output] * channels + i % channels;
            ASSERT_EQ(out[i], plain_sum(from, channels, axis.of(output), count))
                << channels << " channels, " << outputs << " outputs, " << count << " taps: " << i;
          }
        }
      }
    }
  });
}

TEST(MixRows, IsThePlainSumAndTouchesNothingBehindIt) {
  on_every_simd([] {
    for (const int64_t size : {1, 3, 15, 16, 17, 63, 64, 65, 191, 672}) {
      for (const int64_t count : {1, 2, 5, 12}) {
        const auto axis = sliding(1, count);
        const int64_t step = size + kRowSlack;
        const auto bytes = odd_bytes(count * step);
        std::vector<const uint8_t*> rows;
        for (int64_t k = 0; k < count; ++k) rows.push_back(bytes.data() + k * step);
        std::vector<uint8_t> out(static_cast<size_t>(size + 1), 77);
        mix_rows(rows.data(), axis.of(0), count, size, out.data());
        for (int64_t i = 0; i < size; ++i) {
          ASSERT_EQ(out[i], plain_sum(bytes.data() + i, step, axis.of(0), count))
              << size << " bytes, " << count << " rows: " << i;
        }
        EXPECT_EQ(out.back(), 77);
      }
    }
  });
}

}  // namespace
}  // namespace braid
