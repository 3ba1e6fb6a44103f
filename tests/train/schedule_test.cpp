#include "braid/train/schedule.h"

#include <gtest/gtest.h>

namespace braid {
namespace {

TrainConfig config(double warmup, double lowest) {
  TrainConfig config;
  config.lr = 2;
  config.warmup = warmup;
  config.lowest_lr = lowest;
  return config;
}

// Exact but for the rounding of one cosine: 1e-12.
TEST(Schedule, RisesInALineAndFallsAsHalfACosine) {
  const auto c = config(0.2, 0);
  EXPECT_DOUBLE_EQ(learning_rate(c, 0.05), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate(c, 0.1), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(c, 0.2), 2.0);
  EXPECT_NEAR(learning_rate(c, 0.6), 1.0, 1e-12);                 // half way down
  EXPECT_NEAR(learning_rate(c, 0.4), 1 + std::sqrt(0.5), 1e-12);  // a quarter: cos 45 degrees
  EXPECT_NEAR(learning_rate(c, 1.0), 0.0, 1e-12);
}

TEST(Schedule, EndsAtTheLowestShare) {
  EXPECT_NEAR(learning_rate(config(0.2, 0.1), 1.0), 0.2, 1e-12);
  EXPECT_NEAR(learning_rate(config(0.2, 0.1), 0.6), 2 * (0.1 + 0.9 * 0.5), 1e-12);
}

TEST(Schedule, StartsAtThePeakWithoutWarmUp) {
  EXPECT_DOUBLE_EQ(learning_rate(config(0, 0), 0), 2.0);
}

TEST(Schedule, RisesToTheEndWhenAllIsWarmUp) {
  EXPECT_DOUBLE_EQ(learning_rate(config(1, 0), 0.5), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(config(1, 0), 1.0), 2.0);
}

TEST(Schedule, StaysAtItsEndsOutsideTheRun) {
  EXPECT_DOUBLE_EQ(learning_rate(config(0.2, 0), -1), 0.0);
  EXPECT_NEAR(learning_rate(config(0.2, 0.1), 7), 0.2, 1e-12);
}

}  // namespace
}  // namespace braid
