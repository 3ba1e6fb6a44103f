#include "braid/report/plot_math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace braid {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(NiceTicks, EncloseTheRangeInStepsOfOneTwoOrFive) {
  const auto ticks = nice_ticks(0.13, 0.87, 5);
  EXPECT_DOUBLE_EQ(ticks.step, 0.2);
  ASSERT_EQ(ticks.at.size(), 6u);
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(ticks.at[i], 0.2 * static_cast<double>(i), 1e-12);
  EXPECT_DOUBLE_EQ(nice_ticks(0, 2340, 6).step, 500);
  EXPECT_DOUBLE_EQ(nice_ticks(0, 5e-4, 5).step, 1e-4);
  EXPECT_DOUBLE_EQ(nice_ticks(-3, 7, 5).low, -4);
}

TEST(NiceTicks, EncloseAnyRangeWithFewTicks) {
  for (double scale = 1e-99; scale < 1e100; scale *= 137) {
    for (const auto& [low, high] : {std::pair{-1.7, 2.9}, {0.0, 1.0}, {5.0, 5.0}, {-3.0, -2.0}}) {
      const auto ticks = nice_ticks(low * scale, high * scale, 5);
      EXPECT_LE(ticks.low, low * scale + 1e-5 * ticks.step);
      EXPECT_GE(ticks.high, high * scale - 1e-5 * ticks.step);
      EXPECT_GE(ticks.at.size(), 2u);
      EXPECT_LE(ticks.at.size(), 8u);
    }
  }
}

TEST(NiceTicks, WidenARangeWithoutWidth) {
  const auto zero = nice_ticks(0, 0, 5);
  EXPECT_LT(zero.low, 0);
  EXPECT_GT(zero.high, 0);
  const auto least = nice_ticks(0, 5e-324, 5);  // the least double above zero
  EXPECT_GT(least.high, 0.1);
  const auto tiny = nice_ticks(1e6, 1e6 + 1e-9, 5);  // closer than doubles can step
  EXPECT_LT(tiny.low, tiny.high);
  EXPECT_LE(tiny.at.size(), 8u);
}

TEST(TickLabel, HasTheDecimalsOfItsStep) {
  EXPECT_EQ(tick_label(0.30000000000000004, 0.1), "0.3");
  EXPECT_EQ(tick_label(0.25, 0.05), "0.25");
  EXPECT_EQ(tick_label(1e-17, 0.1), "0");
  EXPECT_EQ(tick_label(-20, 10), "-20");
  EXPECT_EQ(tick_label(12000, 2000), "12k");
  EXPECT_EQ(tick_label(1500, 500), "1500");
  EXPECT_EQ(tick_label(3e6, 1e6), "3M");
  EXPECT_EQ(tick_label(2e-5, 1e-5), "2e-05");
}

TEST(Thinned, KeepsAShortLineAsItIs) {
  const std::vector<double> x = {1, 2, 3}, y = {5, 4, 6};
  const auto points = thinned(x, y, 500);
  ASSERT_EQ(points.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(points[i].x, x[i]);
    EXPECT_EQ(points[i].y, y[i]);
  }
}

TEST(Thinned, KeepsSpikesEndsOfRangeAndOrder) {
  std::vector<double> x, y;
  for (int i = 0; i < 100000; ++i) {
    x.push_back(i);
    y.push_back(std::sin(i * 0.001));
  }
  y[54321] = 40;
  y[77777] = -40;
  const auto points = thinned(x, y, 500);
  EXPECT_LE(points.size(), 500u);
  EXPECT_GE(points.size(), 400u);
  const auto has = [&](double at, double value) {
    return std::ranges::any_of(points, [&](auto& p) { return p.x == at && p.y == value; });
  };
  EXPECT_TRUE(has(54321, 40));
  EXPECT_TRUE(has(77777, -40));
  EXPECT_TRUE(std::ranges::is_sorted(points, {}, &PlotPoint::x));
}

TEST(Thinned, MakesGapsOfWhatCannotBeDrawn) {
  const auto points = thinned(std::vector<double>{1, 2, 3, 4, kNan},
                              std::vector<double>{1, kNan, INFINITY, 1e300, 1}, 500);
  ASSERT_EQ(points.size(), 5u);
  EXPECT_EQ(points[0].y, 1);
  for (size_t i = 1; i < 5; ++i) EXPECT_TRUE(std::isnan(points[i].y));
}

TEST(Thinned, GivesNothingForNothing) { EXPECT_TRUE(thinned({}, {}, 500).empty()); }

}  // namespace
}  // namespace braid
