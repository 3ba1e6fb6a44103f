#include "braid/metric/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace braid {
namespace {

Metric called(const std::string& name) {
  Metric metric;
  metric.name = name;
  metric.absent = "why not";
  return metric;
}

// One statistic of two samples: NaN unless the first was drawn, else how often the second was.
std::vector<double> second_if_first(std::span<const int32_t> times) {
  return {times[0] > 0 ? times[1] : std::numeric_limits<double>::quiet_NaN()};
}

TEST(Bootstrap, LeavesOutResamplesWithoutTheStatistic) {
  const std::vector<int64_t> group = {1, 2};
  const auto draws = resampled(group, 0, second_if_first);
  EXPECT_EQ(draws.whole[0], 1);
  // Of the four equally likely pairs of draws one lacks the first sample.
  EXPECT_NEAR(static_cast<double>(draws.drawn[0].size()), 750, 3 * std::sqrt(1000 * 0.75 * 0.25));
  for (const double value : draws.drawn[0]) EXPECT_TRUE(value == 0 || value == 1);
  const auto interval = bootstrap(group, 0, second_if_first)[0];
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 1);
}

TEST(Bootstrap, WithoutAResampleTheIntervalIsThePoint) {
  const auto interval = percentile_interval({}, 0.5);
  EXPECT_EQ(interval.low, 0.5);
  EXPECT_EQ(interval.high, 0.5);
}

TEST(Measured, GivesTheReasonOnlyWhereThereIsNoValue) {
  Statistics statistics;
  statistics.metrics = {called("there"), called("not there")};
  statistics.group = {1, 2};
  statistics.values = [](std::span<const int32_t>) {
    return std::vector<double>{0.5, std::numeric_limits<double>::quiet_NaN()};
  };
  const auto metrics = measured(statistics);
  EXPECT_EQ(metrics[0].value, 0.5);
  EXPECT_EQ(metrics[0].absent, "");
  EXPECT_EQ(metrics[1].absent, "why not");
  EXPECT_TRUE(std::isnan(metrics[1].low));
}

TEST(Measured, DrawsLessWhereADrawIsDear) {
  int calls = 0;
  Statistics statistics;
  statistics.metrics = {called("x")};
  statistics.group = {1, 2};
  statistics.values = [&](std::span<const int32_t>) {
    ++calls;
    return std::vector<double>{0};
  };
  statistics.cost = 2'000'000;
  measured(statistics);
  EXPECT_EQ(calls, 1 + 1000);
  calls = 0;
  statistics.cost = 4'000'000;
  measured(statistics);
  EXPECT_EQ(calls, 1 + 500);
  calls = 0;
  statistics.cost = 1'000'000'000;
  measured(statistics);
  EXPECT_EQ(calls, 1 + 200);
}

}  // namespace
}  // namespace braid
