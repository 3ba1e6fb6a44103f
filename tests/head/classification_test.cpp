#include <gtest/gtest.h>

#include <cmath>

#include "tests/head/heads.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using test::class_facts;
using test::head;
using test::row;

constexpr double kFloatTolerance = 1e-6;  // float32
const double kLn3 = std::log(3.0);   // odds of 3 to 1: p = 3/4 and 1/4

double loss_of(const std::string& keys, const at::Tensor& outputs, const at::Tensor& targets,
               const TargetFacts& facts = class_facts({1, 1})) {
  return head("{kind: classification, target: y" + keys + "}", facts)
      ->loss(outputs, targets)
      .loss.item<double>();
}

TEST(SingleLabels, CostTheSurpriseOfTheTrueClass) {
  const auto z = row({kLn3, 0}).to(at::kFloat);
  EXPECT_NEAR(loss_of("", z, row({0})), -std::log(0.75), kFloatTolerance);
  EXPECT_NEAR(loss_of("", z, row({1})), -std::log(0.25), kFloatTolerance);
}

TEST(SingleLabels, CostLogOfTheClassesAtChance) {
  const auto z = at::zeros({3, 5});
  const auto targets = at::tensor({0.0, 2.0, 4.0}, at::kDouble).view({3, 1});
  EXPECT_NEAR(loss_of("", z, targets, class_facts({1, 1, 1, 1, 1})), std::log(5.0), kFloatTolerance);
}

TEST(SingleLabels, FocalSparesWhatIsRightAlready) {
  const auto z = row({kLn3, 0}).to(at::kFloat);
  EXPECT_NEAR(loss_of(", focal: 2", z, row({0})), -std::log(0.75) / 16, kFloatTolerance);
  EXPECT_NEAR(loss_of(", focal: 2", z, row({1})), -std::log(0.25) * 9 / 16, kFloatTolerance);
}

TEST(SingleLabels, FocalHasAFiniteSlopeWhereTheAnswerIsCertain) {
  auto z = row({200, 0}).to(at::kFloat).set_requires_grad(true);
  const auto h = head("{kind: classification, target: y, focal: 0.5}", class_facts({1, 1}));
  h->loss(z, row({0})).loss.backward();
  EXPECT_TRUE(z.grad().isfinite().all().item<bool>());
}

TEST(SingleLabels, SmoothingSpreadsTheTruthOverAllClasses) {
  const auto z = row({kLn3, 0}).to(at::kFloat);
  const double want = -(0.8 * std::log(0.75) + 0.1 * (std::log(0.75) + std::log(0.25)));
  EXPECT_NEAR(loss_of(", label_smoothing: 0.2", z, row({0})), want, kFloatTolerance);
}

TEST(SingleLabels, WeightsMakeAWeightedMean) {
  const auto z = row({kLn3, 0}).to(at::kFloat).repeat({2, 1});
  const auto targets = at::tensor({0.0, 1.0}, at::kDouble).view({2, 1});
  EXPECT_NEAR(loss_of(", class_weights: {b: 3}", z, targets),
              -(std::log(0.75) + 3 * std::log(0.25)) / 4, kFloatTolerance);
  // Of 3 rows and 1: 4 / (2 * 3) and 4 / (2 * 1).
  EXPECT_NEAR(loss_of(", class_weights: balanced", z, targets, class_facts({3, 1})),
              -(2.0 / 3 * std::log(0.75) + 2 * std::log(0.25)) / (2.0 / 3 + 2), kFloatTolerance);
}

TEST(SingleLabels, AnswerWithProbabilitiesAndCountWhatIsRight) {
  const auto h = head("{kind: classification, target: y}", class_facts({1, 1, 1}));
  const auto z = at::tensor({0.0f, float(kLn3), -100.0f, 1.0f, 0.0f, 0.0f}).view({2, 3});
  const auto answers = h->answers(z);
  EXPECT_NEAR(answers[0][1].item<double>(), 0.75, kFloatTolerance);
  EXPECT_NEAR(answers[1].sum().item<double>(), 1, kFloatTolerance);
  const auto targets = at::tensor({1.0, 2.0}, at::kDouble).view({2, 1});
  EXPECT_EQ(h->loss(z, targets).accuracy, 0.5);
}

TEST(ManyLabels, CostTheMeanSurpriseOfEach) {
  const auto z = row({kLn3, 0}).to(at::kFloat);
  const double want = -(std::log(0.75) + std::log(0.5)) / 2;
  EXPECT_NEAR(loss_of(", labels: multi", z, row({1, 0})), want, kFloatTolerance);
  EXPECT_NEAR(loss_of(", labels: multi", at::zeros({1, 2}), row({1, 0})), std::log(2.0),
              kFloatTolerance);
}

TEST(ManyLabels, BalancedWeighsRowsThatHaveTheClassAgainstThoseThatHaveNot) {
  const auto z = row({kLn3, kLn3}).to(at::kFloat);
  const auto facts = class_facts({1, 2}, 4);  // 3 without for 1 with; 2 for 2
  const double want = -(3 * std::log(0.75) + std::log(0.25)) / 2;
  EXPECT_NEAR(loss_of(", labels: multi, class_weights: balanced", z, row({1, 0}), facts), want,
              kFloatTolerance);
}

TEST(ManyLabels, FocalAndSmoothingActOnEachLabel) {
  const auto z = row({kLn3, 0}).to(at::kFloat);
  EXPECT_NEAR(loss_of(", labels: multi, focal: 1", z, row({1, 0})),
              -(std::log(0.75) / 4 + std::log(0.5) / 2) / 2, kFloatTolerance);
  EXPECT_NEAR(loss_of(", labels: multi, label_smoothing: 0.2", z, row({1, 0})),
              -(0.9 * std::log(0.75) + 0.1 * std::log(0.25) + std::log(0.5)) / 2, kFloatTolerance);
}

TEST(ClassWeights, OfAClassThatNoRowHasAreAnErrorThatNamesTheNearest) {
  auto facts = class_facts({1, 1});
  facts.classes = {"cat", "dog"};
  EXPECT_EQ(
      error_of([&] { head("{kind: classification, target: y, class_weights: {dgo: 2}}", facts); }),
      "config: r.yaml:1:50: class_weights: no training row has class 'dgo' (did you mean "
      "'dog'?); classes: cat, dog");
}

}  // namespace
}  // namespace braid
