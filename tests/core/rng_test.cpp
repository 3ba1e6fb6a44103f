#include "braid/core/rng.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace braid {
namespace {

TEST(Rng, DrawsTheSameForTheSameKey) {
  Rng a(7, 1, 2, "crop"), b(7, 1, 2, "crop");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next(), b.next());
}

TEST(Rng, DrawsDifferentlyForEachPartOfTheKey) {
  const uint64_t base = Rng(7, 1, 2, "crop").next();
  EXPECT_NE(base, Rng(8, 1, 2, "crop").next());
  EXPECT_NE(base, Rng(7, 2, 2, "crop").next());
  EXPECT_NE(base, Rng(7, 1, 3, "crop").next());
  EXPECT_NE(base, Rng(7, 1, 2, "flip").next());
  EXPECT_NE(Rng(7, 1, 2, "crop").next(), Rng(7, 2, 1, "crop").next());
}

TEST(Rng, UniformHasTheMomentsOfTheUnitInterval) {
  Rng rng(1);
  double sum = 0, square = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.uniform();
    ASSERT_GE(x, 0.0);
    ASSERT_LT(x, 1.0);
    sum += x;
    square += x * x;
  }
  // Standard errors are 0.0009 and 0.0009: five of them.
  EXPECT_NEAR(sum / kDraws, 1.0 / 2, 0.005);
  EXPECT_NEAR(square / kDraws, 1.0 / 3, 0.005);
}

TEST(Rng, NormalHasMeanZeroAndVarianceOne) {
  Rng rng(2);
  double sum = 0, square = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    sum += x;
    square += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.016);
  EXPECT_NEAR(square / kDraws, 1.0, 0.023);
}

TEST(Rng, BelowReachesEveryValueAndNoOther) {
  Rng rng(3);
  std::vector<int> seen(5);
  for (int i = 0; i < 1000; ++i) seen.at(static_cast<size_t>(rng.below(5)))++;
  EXPECT_GT(*std::min_element(seen.begin(), seen.end()), 120);  // expected 200, sd 13
}

TEST(Rng, PermutationHoldsEveryNumberOnce) {
  auto order = permutation(1000, Rng(4));
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

}  // namespace
}  // namespace braid
