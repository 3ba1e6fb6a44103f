// The false-negative filter, worked by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include <torch/types.h>

#include "braid/alignment/contrast.h"

namespace braid {
namespace {

double loss_value(const std::string& yaml, const Pairs& pairs) {
  return make_alignment(ConfigNode::parse(yaml), 2)->forward(pairs).loss.item<double>();
}

// Four candidates at cosine 1, 0.8, 0.6 and 0 to the positive.
at::Tensor fan() {
  return at::tensor({1.0, 0.0, 0.8, 0.6, 0.6, 0.8, 0.0, 1.0}, at::kFloat).view({4, 2});
}

at::Tensor first_is_positive() {
  auto known = at::zeros({1, 4}, at::kBool);
  known[0][0] = true;
  return known;
}

TEST(TooSimilar, TakesWhatIsAboveTheThreshold) {
  const auto got = too_similar(fan().narrow(0, 0, 1), fan(), first_is_positive(), {0.5, 1.0});
  EXPECT_TRUE(at::equal(got, at::tensor({0, 1, 1, 0}).to(at::kBool).view({1, 4})));
}

TEST(TooSimilar, TakesNoMoreThanItsShareTheMostSimilarFirst) {
  const auto got = too_similar(fan().narrow(0, 0, 1), fan(), first_is_positive(), {0.5, 0.4});
  EXPECT_TRUE(at::equal(got, at::tensor({0, 1, 0, 0}).to(at::kBool).view({1, 4})));
}

TEST(TooSimilar, RoundsItsShareDown) {
  const auto got = too_similar(fan().narrow(0, 0, 1), fan(), first_is_positive(), {0.5, 0.3});
  EXPECT_FALSE(got.any().item<bool>());
}

TEST(TooSimilar, IsOffAtOneEvenForEqualVectors) {
  const auto got = too_similar(at::ones({1, 2}), at::ones({4, 2}), first_is_positive(), {1.0, 1.0});
  EXPECT_FALSE(got.any().item<bool>());
}

TEST(TooSimilar, DoesNotSpendItsShareOnWhatIsLeftOutAlready) {
  auto known = first_is_positive();
  known[0][1] = true;
  const auto got = too_similar(fan().narrow(0, 0, 1), fan(), known, {0.5, 0.4});
  EXPECT_TRUE(at::equal(got, at::tensor({0, 0, 1, 0}).to(at::kBool).view({1, 4})));
}

// a = identity; b_0 and b_1 are alike (0.96), b_2 is not. Row 0 loses column 1 and row 1 column 0;
// the other way a_0, a_1, a_2 are far apart and nothing leaves.
TEST(InfoNceFilter, RemovesLikeNegativesOfTheSideThatIsAsked) {
  const auto a = at::eye(3);
  const auto b = at::tensor({0.8, 0.6, 0.0, 0.6, 0.8, 0.0, 0.0, 0.0, 1.0}, at::kFloat).view({3, 3});
  const auto loss = make_alignment(
      ConfigNode::parse("{kind: info_nce, similarity: dot, temperature: {initial: 1, learned: "
                        "false}, false_negatives: {above: 0.9, at_most: 0.5}}"),
      3);
  const auto e = [](double x) { return std::exp(x); };
  const double forth = 2 * (std::log(e(0.8) + e(0)) - 0.8) + std::log(e(1) + 2 * e(0)) - 1;
  const double back = 2 * (std::log(e(0.8) + e(0.6) + e(0)) - 0.8) + std::log(e(1) + 2 * e(0)) - 1;
  EXPECT_NEAR(loss->forward({a, b, {}, {}, {}}).loss.item<double>(), (forth + back) / 6, 1e-6);
}

// A question between two rows leaves where either side's row is alike, so both of them here.
TEST(SigmoidFilter, RemovesAQuestionWhereEitherSideIsAlike) {
  const auto a = at::eye(2), b = at::tensor({0.8, 0.6, 0.6, 0.8}, at::kFloat).view({2, 2});
  const std::string loss =
      "kind: sigmoid, similarity: dot, bias: 0, temperature: {initial: 1, learned: false}";
  const double yes = std::log(1 + std::exp(-0.8)), no = std::log(1 + std::exp(0.6));
  EXPECT_NEAR(loss_value("{" + loss + "}", {a, b, {}, {}, {}}), yes + no, 1e-6);
  EXPECT_NEAR(
      loss_value("{" + loss + ", false_negatives: {above: 0.9, at_most: 1}}", {a, b, {}, {}, {}}),
      yes, 1e-6);
}

// With every negative gone a triplet row has nothing to be separated from.
TEST(TripletFilter, CostsNothingWithoutNegatives) {
  const auto b = at::tensor({0.8, 0.6, 0.6, 0.8}, at::kFloat).view({2, 2});
  EXPECT_GT(loss_value("{kind: triplet, margin: 0.5}", {b, b, {}, {}, {}}), 0.4);
  EXPECT_EQ(loss_value("{kind: triplet, margin: 0.5, false_negatives: {above: 0.9, at_most: 1}}",
                       {b, b, {}, {}, {}}),
            0);
}

// z = [a; b]: rows 0 and 1 of either side are alike. Row a_0 loses a_1 and b_1: only its partner
// and nobody else is left.
TEST(NtXentFilter, RemovesBothViewsOfALikeSampleAndNeverThePartner) {
  const auto z = at::tensor({0.8, 0.6, 0.6, 0.8}, at::kFloat).view({2, 2});
  EXPECT_NEAR(
      loss_value("{kind: nt_xent, false_negatives: {above: 0.9, at_most: 1}}", {z, z, {}, {}, {}}),
      0, 1e-6);
}

}  // namespace
}  // namespace braid
