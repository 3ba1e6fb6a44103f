#include "braid/modality/picture/effects.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace braid {
namespace {

struct Canvas {
  std::vector<float> data;
  int64_t width, height;

  Canvas(int64_t width, int64_t height) : data(3 * width * height), width(width), height(height) {}
  // The same plane three times.
  Canvas(int64_t width, int64_t height, const std::vector<float>& plane) : Canvas(width, height) {
    for (size_t i = 0; i < data.size(); ++i) data[i] = plane[i % plane.size()];
  }
  Planes planes() { return {data.data(), width, height}; }
  std::vector<float> first() const { return {data.begin(), data.begin() + width * height}; }
};

void expect_near(const std::vector<float>& seen, const std::vector<float>& wanted,
                 float tolerance) {
  ASSERT_EQ(seen.size(), wanted.size());
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_NEAR(seen[i], wanted[i], tolerance) << i;
}

TEST(ToPlanes, SplitsChannelsAndMirrors) {
  const Picture picture{2, 1, 3, {0, 51, 102, 153, 204, 255}};
  Canvas canvas(2, 1);
  to_planes(picture, false, canvas.planes());
  expect_near(canvas.data, {0, 0.6f, 0.2f, 0.8f, 0.4f, 1}, 1e-6f);
  to_planes(picture, true, canvas.planes());
  expect_near(canvas.data, {0.6f, 0, 0.8f, 0.2f, 1, 0.4f}, 1e-6f);
}

TEST(Rotate, TurnsAQuarterCounterClockwise) {
  Canvas canvas(3, 3,
                {1, 2, 3,  //
                 4, 5, 6,  //
                 7, 8, 9});
  rotate(canvas.planes(), 90);
  expect_near(canvas.first(), {3, 6, 9, 2, 5, 8, 1, 4, 7}, 1e-5f);
}

TEST(Rotate, RepeatsTheEdgeOutside) {
  Canvas canvas(3, 1, {1, 2, 3});  // on its side everything lies above or below the one row
  rotate(canvas.planes(), 90);
  expect_near(canvas.first(), {2, 2, 2}, 1e-5f);
}

TEST(Rotate, ByNothingChangesNothing) {
  Canvas canvas(2, 2, {1, 2, 3, 4});
  rotate(canvas.planes(), 0);
  EXPECT_EQ(canvas.first(), (std::vector<float>{1, 2, 3, 4}));
}

TEST(Blur, SpreadsAPointAsAGaussianAndKeepsTheSum) {
  constexpr int64_t kSide = 17;
  Canvas canvas(kSide, kSide);
  canvas.data[8 * kSide + 8] = 1;
  blur(canvas.planes(), 1.0);
  const auto plane = canvas.first();
  EXPECT_NEAR(std::accumulate(plane.begin(), plane.end(), 0.0), 1.0, 1e-5);
  const float centre = plane[8 * kSide + 8];
  EXPECT_NEAR(plane[8 * kSide + 9] / centre, std::exp(-0.5), 1e-5);
  EXPECT_NEAR(plane[9 * kSide + 10] / centre, std::exp(-2.5), 1e-5);
  EXPECT_EQ(plane[8 * kSide + 12], 0);  // past three sigma
}

TEST(Blur, LeavesAFlatPictureFlatToItsEdges) {
  Canvas canvas(5, 4, {0.25f});
  blur(canvas.planes(), 3.0);
  expect_near(canvas.data, std::vector<float>(60, 0.25f), 1e-6f);
}

TEST(Noise, HasMeanZeroAndTheAskedVariance) {
  Canvas canvas(200, 200);
  Rng rng(3);
  add_noise(canvas.planes(), 0.1, rng);
  double sum = 0, square = 0;
  for (const float v : canvas.data) sum += v, square += v * v;
  const auto n = static_cast<double>(canvas.data.size());
  EXPECT_NEAR(sum / n, 0, 5 * 0.1 / std::sqrt(n));
  EXPECT_NEAR(square / n, 0.01, 5 * 0.01 * std::sqrt(2 / n));
}

TEST(Colour, NeutralSettingsAreTheIdentity) {
  const auto map = brightness(1).then(contrast(1, 0.3)).then(saturation(1)).then(hue(0));
  const auto out = map({0.2f, 0.5f, 0.9f});
  EXPECT_EQ(out, (std::array<float, 3>{0.2f, 0.5f, 0.9f}));
}

TEST(Colour, ChangesAsWorkedByHand) {
  const std::array<float, 3> rgb = {0.2f, 0.4f, 0.6f};
  const float grey = 0.299f * 0.2f + 0.587f * 0.4f + 0.114f * 0.6f;  // 0.363
  EXPECT_NEAR(grey_of(rgb), grey, 1e-6);
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(brightness(1.5)(rgb)[c], 1.5f * rgb[c], 1e-6);
    EXPECT_NEAR(contrast(0.5, 0.8)(rgb)[c], 0.8f + 0.5f * (rgb[c] - 0.8f), 1e-6);
    EXPECT_NEAR(saturation(0)(rgb)[c], grey, 1e-6);
    EXPECT_NEAR(saturation(2)(rgb)[c], grey + 2 * (rgb[c] - grey), 1e-6);
    // Brightness first, then contrast about 0.1.
    EXPECT_NEAR(brightness(2).then(contrast(0.5, 0.1))(rgb)[c], 0.05f + rgb[c], 1e-6);
  }
}

TEST(Colour, HueKeepsGreyAndComesRoundAfterAFullTurn) {
  const std::array<float, 3> rgb = {0.2f, 0.4f, 0.6f};
  const auto turned = hue(0.3)(rgb);
  EXPECT_NEAR(grey_of(turned), grey_of(rgb), 2e-3);  // YIQ is given to three digits
  EXPECT_GT(std::abs(turned[2] - rgb[2]), 0.05);
  const auto round = hue(0.3).then(hue(0.7))(rgb);
  const auto flat = hue(0.3)({0.5f, 0.5f, 0.5f});
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(round[c], rgb[c], 1e-5);
    EXPECT_NEAR(flat[c], 0.5, 1e-5);
  }
}

TEST(Colour, AppliesToEveryPixelAndClamps) {
  Canvas canvas(2, 1);
  canvas.data = {0.2f, 0.8f, 0.4f, 0.4f, 0.6f, 0.1f};
  const auto mean = mean_colour(canvas.planes());
  EXPECT_NEAR(mean[0], 0.5, 1e-6);
  EXPECT_NEAR(mean[2], 0.35, 1e-6);
  apply(brightness(2), canvas.planes());
  expect_near(canvas.data, {0.4f, 1, 0.8f, 0.8f, 1, 0.2f}, 1e-6f);
}

TEST(Erase, FillsTheRectangleAndNothingElse) {
  Canvas canvas(3, 2, {1, 2, 3, 4, 5, 6});
  erase(canvas.planes(), {1, 0, 2, 1}, -7);
  EXPECT_EQ(canvas.first(), (std::vector<float>{1, -7, -7, 4, 5, 6}));
  EXPECT_EQ(canvas.data[13], -7);
}

TEST(Normalise, SubtractsAndDividesPerChannel) {
  Canvas canvas(1, 1);
  canvas.data = {0.5f, 0.5f, 0.5f};
  normalise(canvas.planes(), {0.25, 0.5, 1}, {0.5, 1, 0.25});
  expect_near(canvas.data, {0.5f, 0, -2}, 1e-6f);
}

}  // namespace
}  // namespace braid
