// Values of the losses worked by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include <torch/types.h>

#include "braid/alignment/alignment.h"

namespace braid {
namespace {

std::shared_ptr<Alignment> make(const std::string& yaml) {
  return make_alignment(ConfigNode::parse(yaml));
}

constexpr const char* kInfoNce =
    "{kind: info_nce, similarity: dot, temperature: {initial: 1, learned: false}}";
constexpr const char* kNtXent =
    "{kind: nt_xent, similarity: dot, temperature: {initial: 1, learned: false}}";
constexpr const char* kNtXentWithSelf =
    "{kind: nt_xent, similarity: dot, denominator: with_self, temperature: {initial: 1, learned: "
    "false}}";

// a = b = identity: logits are [[1, 0], [0, 1]], so every row and column costs log(e + 1) - 1.
TEST(InfoNce, EqualsTheHandWorkedValueForTwoOrthogonalPairs) {
  const auto z = at::eye(2);
  const double want = std::log(std::exp(1.0) + 1) - 1;
  const auto out = make(kInfoNce)->forward({z, z, {}});
  EXPECT_NEAR(out.loss.item<double>(), want, 1e-6);
  EXPECT_EQ(out.accuracy.item<double>(), 1.0);
}

TEST(InfoNce, IsLogBatchAtChance) {
  const auto z = at::ones({7, 3});
  EXPECT_NEAR(make(kInfoNce)->forward({z, z, {}}).loss.item<double>(), std::log(7.0), 1e-6);
}

TEST(InfoNce, DividesCosinesByTheTemperature) {
  const auto loss = make("{kind: info_nce, temperature: {initial: 0.5, learned: false}}");
  const auto z = 3 * at::eye(2);  // cosine forgets the length
  EXPECT_NEAR(loss->forward({z, z, {}}).loss.item<double>(), std::log(std::exp(2.0) + 1) - 2, 1e-6);
  EXPECT_NEAR(loss->readings()[0].second, 0.5, 1e-6);
}

// Rows 0 and 1 share a value, so row 0 is left with itself and row 2: logits of identity.
TEST(InfoNce, LeavesEqualValuesOutOfTheDenominator) {
  const auto z = at::eye(3);
  const auto identity = at::tensor({0, 5, 1, 5, 2, 6}, at::kLong).view({3, 2});
  const double two = std::log(std::exp(1.0) + 1) - 1, three = std::log(std::exp(1.0) + 2) - 1;
  EXPECT_NEAR(make(kInfoNce)->forward({z, z, identity}).loss.item<double>(), (2 * two + three) / 3,
              1e-6);
}

TEST(InfoNce, ValuesTheSameWhenTheSidesAreSwapped) {
  at::manual_seed(1);
  const auto a = at::randn({6, 4}), b = at::randn({6, 4});
  const auto loss = make("{kind: info_nce}");
  EXPECT_NEAR(loss->forward({a, b, {}}).loss.item<double>(),
              loss->forward({b, a, {}}).loss.item<double>(), 1e-6);
}

TEST(InfoNce, SmoothingSpreadsTheTargetOverTheBatch) {
  const auto z = at::eye(2);
  const auto loss = make(
      "{kind: info_nce, similarity: dot, label_smoothing: 0.2, temperature: {initial: 1, learned: "
      "false}}");
  const double norm = std::log(std::exp(1.0) + 1);
  EXPECT_NEAR(loss->forward({z, z, {}}).loss.item<double>(), 0.8 * (norm - 1) + 0.2 * (norm - 0.5),
              1e-6);
}

// z = [e1, e2, e1, e2]: row 0 sees others with products 0, 1, 0 and its partner at 1: log(e + 2)
// - 1.
TEST(NtXent, EqualsTheHandWorkedValueWithoutSelf) {
  const auto z = at::eye(2);
  EXPECT_NEAR(make(kNtXent)->forward({z, z, {}}).loss.item<double>(),
              std::log(std::exp(1.0) + 2) - 1, 1e-6);
}

// With the row itself in the denominator there is one more e.
TEST(NtXent, EqualsTheHandWorkedValueWithSelf) {
  const auto z = at::eye(2);
  EXPECT_NEAR(make(kNtXentWithSelf)->forward({z, z, {}}).loss.item<double>(),
              std::log(2 * std::exp(1.0) + 2) - 1, 1e-6);
}

TEST(NtXent, IsLogOfItsCandidatesAtChance) {
  const auto z = at::ones({5, 3});
  EXPECT_NEAR(make(kNtXent)->forward({z, z, {}}).loss.item<double>(), std::log(9.0), 1e-6);
  EXPECT_NEAR(make(kNtXentWithSelf)->forward({z, z, {}}).loss.item<double>(), std::log(10.0), 1e-6);
}

// Four questions: two true pairs at 1 * s + c, two others at 0 * s + c, with s = 2 and c = -1.
TEST(Sigmoid, EqualsTheHandWorkedValueForTwoOrthogonalPairs) {
  const auto loss = make(
      "{kind: sigmoid, similarity: dot, bias: -1, temperature: {initial: 0.5, learned: false}}");
  const auto z = at::eye(2);
  const double yes = std::log(1 + std::exp(-1.0));  // -log sigmoid(1), and of the others too
  const auto out = loss->forward({z, z, {}});
  EXPECT_NEAR(out.loss.item<double>(), 2 * yes, 1e-6);
  EXPECT_EQ(out.accuracy.item<double>(), 1.0);
}

// With nothing known but how rare true pairs are, the cost is the entropy of that.
TEST(Sigmoid, HasTheChanceValueThatItsCommentGives) {
  const auto loss = make("{kind: sigmoid, similarity: dot, bias: -1.3862943611198906}");  // log 4
  const double want = std::log(5.0) + 4 * std::log(5.0 / 4);
  EXPECT_NEAR(loss->forward({at::zeros({5, 3}), at::zeros({5, 3}), {}}).loss.item<double>(), want,
              1e-6);
}

// Rows 0 and 1 share a value: the two questions between them are not asked.
TEST(Sigmoid, LeavesPairsOfEqualValuesOut) {
  const auto loss =
      make("{kind: sigmoid, similarity: dot, bias: 0, temperature: {initial: 1, learned: false}}");
  const auto z = at::eye(3);
  const auto identity = at::tensor({5, 5, 6}, at::kLong).view({3, 1});
  const double yes = std::log(1 + std::exp(-1.0)), even = std::log(2.0);
  EXPECT_NEAR(loss->forward({z, z, identity}).loss.item<double>(), (3 * yes + 4 * even) / 3, 1e-6);
}

TEST(Sigmoid, LearnsItsBiasUnlessToldOtherwise) {
  EXPECT_EQ(make("{kind: sigmoid}")->named_parameters().size(), 2u);
  EXPECT_EQ(make("{kind: sigmoid, learned_bias: false}")->named_parameters().size(), 1u);
  EXPECT_EQ(make("{kind: sigmoid}")->readings()[1].second, -10);
}

}  // namespace
}  // namespace braid
