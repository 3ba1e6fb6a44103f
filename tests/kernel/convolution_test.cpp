#include "braid/kernel/convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "braid/core/error.h"
#include "tests/kernel/draws.h"

namespace braid {
namespace {

std::vector<float> space(int64_t count) {
  return std::vector<float>(static_cast<size_t>(count), 77.0f);
}

// Sums of `terms` products of unit normals; bfloat16 keeps 8 bits of each factor.
void expect_near(const std::vector<float>& got, const std::vector<float>& want, double terms,
                 Precision precision) {
  const double unit = precision == Precision::kBf16 ? 1.0 / 256 : 1e-6;
  const double tolerance = unit * (4 + 4 * std::sqrt(terms));
  for (size_t i = 0; i < want.size(); ++i) ASSERT_NEAR(got[i], want[i], tolerance) << "at " << i;
}

void expect_agrees(const ConvolutionShape& s, Precision precision) {
  const auto x = draws(s.x_size(), 1), w = draws(s.w_size(), 2), dy = draws(s.y_size(), 3);
  const auto filter = static_cast<double>(s.side * s.side);
  auto got = space(s.y_size()), want = got;
  convolution_forward(s, x.data(), w.data(), got.data(), precision);
  convolution_forward_ref(s, x.data(), w.data(), want.data());
  expect_near(got, want, filter * static_cast<double>(s.in), precision);
  got = want = space(s.x_size());
  convolution_backward_input(s, dy.data(), w.data(), got.data(), precision);
  convolution_backward_input_ref(s, dy.data(), w.data(), want.data());
  expect_near(got, want, filter * static_cast<double>(s.out), precision);
  got = want = space(s.w_size());
  convolution_backward_weight(s, dy.data(), x.data(), got.data(), precision);
  convolution_backward_weight_ref(s, dy.data(), x.data(), want.data());
  expect_near(got, want, static_cast<double>(s.pictures * s.out_height() * s.out_width()),
              precision);
}

TEST(Convolution, GivesTheHandWorkedSums) {
  // One picture of 2 x 3 in two channels, a filter of each that takes the pixel on the left.
  const ConvolutionShape shape{1, 2, 3, 2, 1, 3, 1};
  const std::vector<float> x = {1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60};
  std::vector<float> w(18, 0.0f), y(6, 9.0f), dx(12, 9.0f), dw(18, 9.0f);
  w[3] = 1, w[9 + 3] = 2;  // row 1, column 0, both channels
  convolution_forward(shape, x.data(), w.data(), y.data());
  EXPECT_EQ(y, (std::vector<float>{0, 21, 42, 0, 84, 105}));
  const std::vector<float> dy = {7, 1, 0, 0, 0, 1};
  convolution_backward_input(shape, dy.data(), w.data(), dx.data());
  EXPECT_EQ(dx, (std::vector<float>{1, 2, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0}));
  convolution_backward_weight(shape, dy.data(), x.data(), dw.data());
  // The middle of the filter saw 7 * pixel 0 + pixel 1 + pixel 5.
  EXPECT_EQ(dw[4], 7 + 2 + 6);
  EXPECT_EQ(dw[9 + 4], 70 + 20 + 60);
}

TEST(Convolution, AgreesWithTheReferenceOnOddShapes) {
  for (const auto layout : {PictureLayout::kChannelsLast, PictureLayout::kPlanes}) {
    for (ConvolutionShape s : {ConvolutionShape{2, 5, 7, 3, 4, 3, 1},
                               {3, 8, 6, 3, 5, 3, 2},
                               {1, 1, 1, 1, 1, 3, 1},
                               {2, 1, 9, 2, 3, 5, 2},
                               {1, 7, 7, 17, 33, 1, 1},
                               {2, 9, 4, 5, 8, 1, 3},
                               {1, 11, 10, 16, 32, 7, 4},
                               {5, 6, 6, 32, 16, 3, 2}}) {
      s.layout = layout;
      SCOPED_TRACE(::testing::Message() << s.in << " -> " << s.out << ", " << s.height << " x "
                                        << s.width << ", side " << s.side << ", stride "
                                        << s.stride << ", layout " << static_cast<int>(layout));
      expect_agrees(s, Precision::kFp32);
      if (has_bf16()) expect_agrees(s, Precision::kBf16);
    }
  }
}

TEST(Convolution, GivesZerosWhereThereIsNothingToSum) {
  const ConvolutionShape no_pictures{0, 4, 4, 2, 3, 3, 1}, no_channels{2, 2, 2, 0, 1, 3, 1};
  auto dw = space(no_pictures.w_size()), y = space(no_channels.y_size());
  convolution_backward_weight(no_pictures, nullptr, nullptr, dw.data());
  EXPECT_EQ(dw, std::vector<float>(54, 0.0f));
  convolution_forward(no_channels, nullptr, nullptr, y.data());
  EXPECT_EQ(y, std::vector<float>(8, 0.0f));
}

TEST(Convolution, RefusesWhatItCannotDo) {
  float value = 0;
  for (const ConvolutionShape& s : {ConvolutionShape{1, 4, 4, 1, 1, 2, 1},
                                    {1, 4, 4, 1, 1, 3, 0},
                                    {1, -4, 4, 1, 1, 3, 1},
                                    {1, 4, 4, 1, 1, -1, 1}}) {
    try {
      convolution_forward(s, &value, &value, &value);
      FAIL() << "side " << s.side << ", stride " << s.stride;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kShape);
    }
  }
  if (has_bf16()) return;
  EXPECT_THROW(
      convolution_forward({1, 1, 1, 1, 1, 1, 1}, &value, &value, &value, Precision::kBf16), Error);
}

TEST(Convolution, GivesTheSameBitsTwice) {
  const ConvolutionShape s{7, 12, 12, 8, 16, 3, 2};
  const auto x = draws(s.x_size(), 1), dy = draws(s.y_size(), 3);
  auto first = space(s.w_size()), second = first;
  convolution_backward_weight(s, dy.data(), x.data(), first.data());
  convolution_backward_weight(s, dy.data(), x.data(), second.data());
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace braid
