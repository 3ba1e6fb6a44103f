#include "braid/kernel/colour_planes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/kernel/simd_targets.h"

namespace braid {
namespace {

TEST(ColourPlanes, MixesClampsAndScalesAsWorkedByHand) {
  ColourChange change;
  change.matrix = {{{2, 0, 0}, {0, 0, 1}, {0.5f, 0.5f, 0}}};
  change.shift = {-0.1f, 0, 0.25f};
  change.factor = {2, 1, 4};
  change.offset = {-1, 0, 10};
  on_every_simd([&] {
    std::vector<float> red = {0.3f, 0.9f, 0}, green = {0.5f, 0.1f, 0}, blue = {0.25f, 1, 0};
    change_colours(change, 2, {red.data(), green.data(), blue.data()});
    EXPECT_NEAR(red[0], 2 * 0.5 - 1, 1e-6);
    EXPECT_NEAR(red[1], 2 * 1 - 1, 1e-6);  // 1.7 is clamped
    EXPECT_NEAR(green[0], 0.25, 1e-6);
    EXPECT_NEAR(green[1], 1, 1e-6);
    EXPECT_NEAR(blue[0], 4 * 0.65 + 10, 1e-5);
    EXPECT_NEAR(blue[1], 4 * 0.75 + 10, 1e-5);
    EXPECT_EQ(red[2] + green[2] + blue[2], 0);
  });
}

// Whatever the vectors' length: a pixel's colour does not follow from its place.
TEST(ColourPlanes, TreatsEveryPixelAlike) {
  ColourChange change;
  change.matrix = {{{1.2f, -0.1f, 0.05f}, {0.3f, 0.9f, -0.2f}, {0, 0.4f, 0.7f}}};
  change.shift = {0.01f, -0.02f, 0.03f};
  on_every_simd([&] {
    for (int64_t count = 1; count <= 67; ++count) {
      const auto size = static_cast<size_t>(count);
      std::vector<std::vector<float>> planes(3, std::vector<float>(size + 1, 0.4f));
      for (size_t c = 0; c < 3; ++c) planes[c][size] = 77;
      change_colours(change, count, {planes[0].data(), planes[1].data(), planes[2].data()});
      for (size_t c = 0; c < 3; ++c) {
        EXPECT_TRUE(std::all_of(planes[c].begin(), planes[c].end() - 1,
                                [&](float v) { return v == planes[c][0]; }));
        EXPECT_EQ(planes[c][size], 77);
      }
    }
  });
}

TEST(ColourPlanes, SumsEveryValueOnce) {
  on_every_simd([&] {
    for (const int64_t count : {0, 1, 7, 16, 511, 513, 5000}) {
      std::vector<float> plane(static_cast<size_t>(count) + 1);
      for (size_t i = 0; i < plane.size(); ++i) plane[i] = static_cast<float>(i % 256);
      double sum = 0;
      for (int64_t i = 0; i < count; ++i) sum += plane[static_cast<size_t>(i)];
      EXPECT_EQ(plane_sum(plane.data(), count), sum);  // whole numbers: exact in any order
    }
  });
}

}  // namespace
}  // namespace braid
