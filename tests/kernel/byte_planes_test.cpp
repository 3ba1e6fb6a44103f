#include "braid/kernel/byte_planes.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/kernel/simd_targets.h"

namespace braid {
namespace {

TEST(BytePlanes, EachChannelGoesToItsPlane) {
  const std::vector<uint8_t> rgb = {0, 10, 20, 255, 110, 120};
  std::vector<float> red(2), green(2), blue(2);
  on_every_simd([&] {
    byte_planes(rgb.data(), 2, 0.5f, {red.data(), green.data(), blue.data()});
    EXPECT_EQ(red, (std::vector<float>{0, 127.5f}));
    EXPECT_EQ(green, (std::vector<float>{5, 55}));
    EXPECT_EQ(blue, (std::vector<float>{10, 60}));
  });
}

TEST(BytePlanes, EveryLengthIsThePlainProductAndNothingBehindItIsTouched) {
  constexpr float kUnit = 1 / 255.f;
  on_every_simd([&] {
    for (int64_t count = 0; count <= 67; ++count) {
      std::vector<uint8_t> rgb(static_cast<size_t>(3 * count));
      for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<uint8_t>(7 * i + 3);
      std::vector<std::vector<float>> planes(3, std::vector<float>(count + 1, 77.f));
      byte_planes(rgb.data(), count, kUnit, {planes[0].data(), planes[1].data(), planes[2].data()});
      for (size_t c = 0; c < 3; ++c) {
        for (int64_t i = 0; i < count; ++i) EXPECT_EQ(planes[c][i], kUnit * rgb[3 * i + c]);
        EXPECT_EQ(planes[c][count], 77.f);
      }
    }
  });
}

}  // namespace
}  // namespace braid
