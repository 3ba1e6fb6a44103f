// Of the instruction set that every machine has; the others run the same steps (attention_test).
#include "braid/kernel/exp-inl.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace braid {
namespace {

using HWY_NAMESPACE::exp2_one;

TEST(Exp2, IsWithinItsPromiseOverTheWholeRange) {
  double worst = 0;
  for (double x = -126; x <= 127; x += 253.0 / 1'000'000) {
    const auto rounded = static_cast<float>(x);
    const double want = std::exp2(static_cast<double>(rounded));
    worst = std::max(worst, std::abs(exp2_one(rounded) - want) / want);
  }
  EXPECT_LE(worst, 1.5e-7);
}

TEST(Exp2, HitsPowersOfTwoAndZeroExactly) {
  for (int n = -126; n <= 127; ++n)
    EXPECT_EQ(exp2_one(static_cast<float>(n)), std::ldexp(1.0f, n)) << n;
  EXPECT_EQ(exp2_one(-126.01f), 0);
  EXPECT_EQ(exp2_one(-1e30f), 0);
  EXPECT_EQ(exp2_one(-std::numeric_limits<float>::infinity()), 0);
  EXPECT_TRUE(std::isnan(exp2_one(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace braid
