#include "braid/modality/picture/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace braid {
namespace {

// Red is the column, green the row: a pixel says where it came from.
Picture chart(int64_t width, int64_t height) {
  auto picture = blank_picture(width, height, 3);
  for (int64_t i = 0; i < width * height; ++i) {
    picture.data[3 * i] = static_cast<uint8_t>(i % width);
    picture.data[3 * i + 1] = static_cast<uint8_t>(i / width);
  }
  return picture;
}

TEST(FitSquare, CropTakesTheMiddleOfTheLongSide) {
  const auto out = fit_square(chart(10, 4), {.side = 4, .fit = Fit::kCrop});
  // No scaling; left = (10 - 4) / 2 = 3.
  for (int64_t i = 0; i < 16; ++i) {
    EXPECT_EQ(out.data[3 * i], 3 + i % 4);
    EXPECT_EQ(out.data[3 * i + 1], i / 4);
  }
}

TEST(FitSquare, CropRoundsHalvesToEvenAsTorchvision) {
  EXPECT_EQ(fit_square(chart(7, 4), {.side = 4, .fit = Fit::kCrop}).data[0], 2);  // round(1.5)
  EXPECT_EQ(fit_square(chart(5, 4), {.side = 4, .fit = Fit::kCrop}).data[0], 0);  // round(0.5)
}

TEST(FitSquare, PadKeepsProportionsOnTheBackground) {
  const auto out = fit_square(chart(4, 2), {.side = 4, .fit = Fit::kPad, .background = {9, 8, 7}});
  for (int64_t x = 0; x < 4; ++x) {
    for (const int64_t y : {0, 3}) {
      const uint8_t* pixel = out.data.data() + 3 * (4 * y + x);
      EXPECT_EQ(pixel[0], 9);
      EXPECT_EQ(pixel[1], 8);
      EXPECT_EQ(pixel[2], 7);
    }
    EXPECT_EQ(out.data[3 * (4 + x)], x);
    EXPECT_EQ(out.data[3 * (4 + x) + 1], 0);
    EXPECT_EQ(out.data[3 * (8 + x) + 1], 1);
  }
}

TEST(FitSquare, SquashShowsEverything) {
  const auto picture = chart(100, 4);
  const auto out = fit_square(picture, {.side = 4});
  EXPECT_EQ(out.data, resize(picture, {4, 4}).data);
}

TEST(FitSquare, ManagesOnePixelAndLongStrips) {
  for (const auto fit : {Fit::kSquash, Fit::kCrop, Fit::kPad}) {
    for (const auto& picture : {chart(1, 1), chart(200, 1), chart(1, 200)}) {
      Rng rng(1);
      EXPECT_EQ(fit_square(picture, {.side = 8, .fit = fit}).data.size(), 192u);
      const auto crop = crop_square(picture, {.side = 8, .fit = fit}, {0.01, 1, 0.1, 10}, rng);
      EXPECT_EQ(crop.data.size(), 192u);
    }
  }
}

TEST(CropSquare, StaysInsideWithTheAskedArea) {
  const auto picture = chart(200, 100);
  Rng rng(2);
  for (int i = 0; i < 200; ++i) {
    // kCrop regions are square here: their side is read off the first and last pixel of a row.
    const auto out = crop_square(picture, {.side = 20, .fit = Fit::kCrop}, {0.2, 0.4, 1, 1}, rng);
    const double side = (out.data[3 * 19] - out.data[0]) * 20.0 / 19;
    const double area = side * side / (200 * 100);
    EXPECT_GT(area, 0.18);
    EXPECT_LT(area, 0.43);
  }
}

TEST(CropSquare, ReachesBothEdges) {
  const auto picture = chart(100, 100);
  Rng rng(3);
  int least = 255, most = 0;
  for (int i = 0; i < 500; ++i) {
    const auto out = crop_square(picture, {.side = 10}, {0.25, 0.25, 1, 1}, rng);
    least = std::min<int>(least, out.data[0]);
    most = std::max<int>(most, out.data[3 * 9]);
  }
  EXPECT_LE(least, 4);  // a region at the very edge starts with the mean of five columns
  EXPECT_GE(most, 95);
}

}  // namespace
}  // namespace braid
