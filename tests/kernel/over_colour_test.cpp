#include "braid/kernel/over_colour.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/kernel/simd_targets.h"

namespace braid {
namespace {

TEST(OverColour, EveryAlphaOverEveryColourIsTheRoundedMean) {
  // Pixels of all values at all alphas.
  std::vector<uint8_t> rgba;
  for (int value = 0; value < 256; ++value) {
    for (int alpha = 0; alpha < 256; ++alpha) {
      const auto v = static_cast<uint8_t>(value);
      rgba.insert(rgba.end(), {v, static_cast<uint8_t>(255 - value), static_cast<uint8_t>(7 * v),
                               static_cast<uint8_t>(alpha)});
    }
  }
  const auto count = static_cast<int64_t>(rgba.size() / 4);
  for (const auto& colour : {std::array<uint8_t, 3>{0, 128, 255}, {255, 1, 77}}) {
    on_every_simd([&] {
      std::vector<uint8_t> rgb(rgba.size() / 4 * 3);
      over_colour(rgba.data(), count, colour, rgb.data());
      for (int64_t i = 0; i < count; ++i) {
        const double a = rgba[4 * i + 3] / 255.0;
        for (int64_t c = 0; c < 3; ++c) {
          const double want = rgba[4 * i + c] * a + colour[c] * (1 - a);
          ASSERT_EQ(rgb[3 * i + c], std::lround(want)) << i << ' ' << c;
        }
      }
    });
  }
}

TEST(OverColour, TouchesNothingBehindTheLastPixel) {
  on_every_simd([&] {
    for (int64_t count = 0; count <= 67; ++count) {
      const std::vector<uint8_t> rgba(static_cast<size_t>(4 * count), 255);
      std::vector<uint8_t> rgb(static_cast<size_t>(3 * count + 1), 7);
      over_colour(rgba.data(), count, {1, 2, 3}, rgb.data());
      for (int64_t i = 0; i < 3 * count; ++i) ASSERT_EQ(rgb[i], 255);
      ASSERT_EQ(rgb[3 * count], 7);
    }
  });
}

}  // namespace
}  // namespace braid
