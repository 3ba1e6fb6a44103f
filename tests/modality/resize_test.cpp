#include "braid/modality/picture/resize.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "braid/core/error.h"
#include "golden.h"
#include "tests/kernel/simd_targets.h"

namespace braid {
namespace {

// The same bytes as noise() in tests/golden/resize.py.
Picture golden_noise(int64_t width, int64_t height, int64_t channels) {
  auto picture = blank_picture(width, height, channels);
  uint32_t state = 1;
  for (auto& byte : picture.data) {
    state = state * 1664525u + 1013904223u;
    const uint32_t value = state >> 24;
    byte = static_cast<uint8_t>(value < 64 ? 0 : value > 192 ? 255 : value);
  }
  return picture;
}

TEST(Resize, EqualsPillowByteForByte) {
  for (const auto& golden : read_golden("resize.json")) {
    const auto picture = golden_noise(golden["from"][0], golden["from"][1], golden["channels"]);
    ResizeOptions options;
    options.filter =
        golden["filter"] == "bicubic" ? ResizeFilter::kBicubic : ResizeFilter::kBilinear;
    options.box = Box{golden["box"][0], golden["box"][1], golden["box"][2], golden["box"][3]};
    on_every_simd([&] {
      const auto out = resize(picture, {golden["to"][0], golden["to"][1]}, options);
      std::vector<int> first(out.data.begin(),
                             out.data.begin() + std::min<size_t>(12, out.data.size()));
      EXPECT_EQ(first, golden["first"].get<std::vector<int>>()) << golden;
      EXPECT_EQ(fnv(out.data), golden["fnv"].get<std::string>()) << golden;
    });
  }
}

TEST(Resize, HalvesByTheTriangleWorkedByHand) {
  // One row 0 40 80 120 to two: the triangle has support 2, so output 0 (centre 1) weighs inputs
  // 0 1 2 by 3/4 3/4 1/4, over 7/4: (0 * 3 + 40 * 3 + 80) / 7 = 28.6; output 1 mirrors it.
  const Picture row{4, 1, 3, {0, 0, 0, 40, 40, 40, 80, 80, 80, 120, 120, 120}};
  const auto out = resize(row, {2, 1});
  EXPECT_EQ(out.data, (std::vector<uint8_t>{29, 29, 29, 91, 91, 91}));
}

TEST(Resize, LeavesAFlatPictureFlat) {
  auto flat = blank_picture(37, 23, 3);
  std::fill(flat.data.begin(), flat.data.end(), uint8_t{201});
  for (const auto filter : {ResizeFilter::kBilinear, ResizeFilter::kBicubic}) {
    const auto out = resize(flat, {11, 50}, {.filter = filter});
    EXPECT_TRUE(std::all_of(out.data.begin(), out.data.end(), [](uint8_t v) { return v == 201; }));
  }
}

TEST(Resize, ComputesAWindowAsItStandsInTheWhole) {
  const auto picture = golden_noise(50, 40, 3);
  const auto whole = resize(picture, {30, 20}, {.filter = ResizeFilter::kBicubic});
  const auto part =
      resize(picture, {30, 20}, {.filter = ResizeFilter::kBicubic, .window = Window{7, 3, 11, 5}});
  ASSERT_EQ(part.data.size(), 11u * 5 * 3);
  for (int64_t y = 0; y < 5; ++y) {
    for (int64_t x = 0; x < 33; ++x) {
      EXPECT_EQ(part.data[y * 33 + x], whole.data[(y + 3) * 90 + 21 + x]);
    }
  }
}

TEST(Resize, RefusesWhatLeavesThePicture) {
  const auto picture = golden_noise(10, 10, 3);
  const auto refuses = [&](Size size, const ResizeOptions& options) {
    try {
      resize(picture, size, options);
      return false;
    } catch (const Error& error) {
      return error.code() == ErrorCode::kInput;
    }
  };
  EXPECT_TRUE(refuses({0, 5}, {}));
  EXPECT_TRUE(refuses({5, 5}, {.box = Box{-1, 0, 5, 5}}));
  EXPECT_TRUE(refuses({5, 5}, {.box = Box{0, 0, 10.5f, 5}}));
  EXPECT_TRUE(refuses({5, 5}, {.box = Box{4, 0, 4, 5}}));
  EXPECT_TRUE(refuses({5, 5}, {.window = Window{3, 0, 3, 5}}));
}

}  // namespace
}  // namespace braid
