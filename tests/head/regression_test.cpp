#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/head/heads.h"

namespace braid {
namespace {

using test::head;
using test::number_facts;
using test::row;

constexpr double kTolerance = 1e-6;  // float32
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Mean 10, deviation 2: an output of 1 says 12; where 14 is true the scaled error is 1.
double loss_of(const std::string& keys) {
  return head("{kind: regression, target: x0" + keys + "}", number_facts({10}, {2}))
      ->loss(row({1}).to(at::kFloat), row({14}))
      .loss.item<double>();
}

TEST(Regression, LossesOfAnErrorOfOneDeviation) {
  EXPECT_NEAR(loss_of(""), 1, kTolerance);
  EXPECT_NEAR(loss_of(", loss: mae"), 1, kTolerance);
  EXPECT_NEAR(loss_of(", loss: huber"), 0.5, kTolerance);  // at the seam of its two parts
  EXPECT_NEAR(loss_of(", loss: huber, delta: 0.5"), 0.5 * (1 - 0.25), kTolerance);
  EXPECT_NEAR(loss_of(", loss: huber, delta: 4"), 0.5, kTolerance);
}

TEST(Regression, WithoutScaleTheLossIsInTheTargetsUnit) {
  EXPECT_NEAR(loss_of(", scale: none"), 13 * 13, 1e-4);
  EXPECT_NEAR(loss_of(", scale: none, loss: mae"), 13, 1e-5);
}

TEST(Regression, AnswersInTheTargetsUnit) {
  const auto h = head("{kind: regression, target: [x0, x1]}", number_facts({10, 1e9}, {2, 1}));
  const auto answers = h->answers(row({1, 3}).to(at::kFloat));
  EXPECT_EQ(answers[0][0].item<double>(), 12);
  EXPECT_EQ(answers[0][1].item<double>(), 1e9 + 3);  // no float32 has it
}

TEST(Regression, AMissingNumberHasNoPartInTheLossOrItsGradient) {
  const auto h = head("{kind: regression, target: [x0, x1]}", number_facts({0, 0}, {1, 1}));
  auto z = at::tensor({1.0f, 5.0f, 2.0f, 3.0f}).view({2, 2}).set_requires_grad(true);
  const auto targets = at::tensor({0.0, kNone, kNone, 1.0}, at::kDouble).view({2, 2});
  const auto out = h->loss(z, targets);
  EXPECT_NEAR(out.loss.item<double>(), (1.0 + 4.0) / 2, kTolerance);
  EXPECT_TRUE(std::isnan(out.accuracy));
  out.loss.backward();
  EXPECT_EQ(z.grad()[0][1].item<double>(), 0);
  EXPECT_EQ(z.grad()[1][0].item<double>(), 0);
  EXPECT_NEAR(z.grad()[1][1].item<double>(), 2, kTolerance);  // 2 r / 2 numbers
}

}  // namespace
}  // namespace braid
