#include "braid/study/frozen_classifiers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace braid {
namespace {

// x = -1 of class 0, x = 1 of class 1: by symmetry W = (-w, w), b = 0, and the loss log(1 + e^-2w)
// + l2 w^2 is least where l2 w = 1 / (1 + e^2w).
TEST(LinearClassifier, FindsTheMinimumWorkedByHand) {
  const auto x = at::tensor({-1.0, 1.0}, at::kDouble).view({2, 1});
  const auto fitted = fit_linear(x, at::tensor({0, 1}, at::kLong), 2, 0.1);
  const double w = fitted.weight[0][1].item<double>();
  EXPECT_NEAR(0.1 * w, 1 / (1 + std::exp(2 * w)), 1e-6);
  EXPECT_NEAR(fitted.weight[0][0].item<double>(), -w, 1e-5);
  EXPECT_NEAR(fitted.bias[0].item<double>() - fitted.bias[1].item<double>(), 0, 1e-5);
}

TEST(LinearClassifier, WithoutFeaturesSaysTheShares) {
  const auto x = at::zeros({4, 2}, at::kDouble);
  const auto fitted = fit_linear(x, at::tensor({0, 1, 1, 1}, at::kLong), 2, 1e-3);
  EXPECT_NEAR(fitted.probabilities(x)[0][1].item<double>(), 0.75, 1e-5);
}

TEST(LinearClassifier, TellsThreeSeparatedGroups) {
  at::manual_seed(1);
  const auto y = at::arange(60, at::kLong).remainder(3);
  const auto x = 4 * at::eye(3, at::kDouble).index_select(0, y) + at::randn({60, 3}, at::kDouble);
  const auto says = fit_linear(x, y, 3, 1e-3).probabilities(x).argmax(1);
  EXPECT_GE(says.eq(y).sum().item<int64_t>(), 58);
}

TEST(Neighbours, VoteByTheirCosine) {
  const auto known = at::tensor({1.0, 0.0, 0.0, 2.0, -1.0, 0.0}, at::kDouble).view({3, 2});
  const auto labels = at::tensor({0, 1, 0}, at::kLong);
  const auto x = at::tensor({3.0, 0.0}, at::kDouble).view({1, 2});
  EXPECT_EQ(nearest_votes(x, known, labels, 2, 1)[0][0].item<double>(), 1);
  // Cosines 1, 0, -1; k 2 takes the first two.
  const double zero = std::exp(1 / 0.07), one = 1;
  EXPECT_NEAR(nearest_votes(x, known, labels, 2, 2)[0][1].item<double>(), one / (zero + one),
              1e-12);
  EXPECT_NEAR(nearest_votes(x, known, labels, 2, 9).sum().item<double>(), 1, 1e-12);
}

}  // namespace
}  // namespace braid
