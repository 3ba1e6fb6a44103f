// Values of the losses worked by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include <torch/types.h>

#include "braid/alignment/alignment.h"
#include "braid/alignment/matryoshka.h"
#include "braid/core/error.h"

namespace braid {
namespace {

std::shared_ptr<Alignment> make(const std::string& yaml) {
  return make_alignment(ConfigNode::parse(yaml), 3);
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
  const auto out = make(kInfoNce)->forward({z, z, {}, {}, {}});
  EXPECT_NEAR(out.loss.item<double>(), want, 1e-6);
  EXPECT_EQ(out.accuracy.item<double>(), 1.0);
}

TEST(InfoNce, IsLogBatchAtChance) {
  const auto z = at::ones({7, 3});
  EXPECT_NEAR(make(kInfoNce)->forward({z, z, {}, {}, {}}).loss.item<double>(), std::log(7.0), 1e-6);
}

TEST(InfoNce, DividesCosinesByTheTemperature) {
  const auto loss = make("{kind: info_nce, temperature: {initial: 0.5, learned: false}}");
  const auto z = 3 * at::eye(2);  // cosine forgets the length
  EXPECT_NEAR(loss->forward({z, z, {}, {}, {}}).loss.item<double>(),
              std::log(std::exp(2.0) + 1) - 2, 1e-6);
  EXPECT_NEAR(loss->readings()[0].second, 0.5, 1e-6);
}

// Rows 0 and 1 share a value, so row 0 is left with itself and row 2: logits of identity.
TEST(InfoNce, LeavesEqualValuesOutOfTheDenominator) {
  const auto z = at::eye(3);
  const auto identity = at::tensor({0, 5, 1, 5, 2, 6}, at::kLong).view({3, 2});
  const double two = std::log(std::exp(1.0) + 1) - 1, three = std::log(std::exp(1.0) + 2) - 1;
  EXPECT_NEAR(make(kInfoNce)->forward({z, z, identity, {}, {}}).loss.item<double>(),
              (2 * two + three) / 3, 1e-6);
}

TEST(InfoNce, ValuesTheSameWhenTheSidesAreSwapped) {
  at::manual_seed(1);
  const auto a = at::randn({6, 4}), b = at::randn({6, 4});
  const auto loss = make("{kind: info_nce}");
  EXPECT_NEAR(loss->forward({a, b, {}, {}, {}}).loss.item<double>(),
              loss->forward({b, a, {}, {}, {}}).loss.item<double>(), 1e-6);
}

TEST(InfoNce, SmoothingSpreadsTheTargetOverTheBatch) {
  const auto z = at::eye(2);
  const auto loss = make(
      "{kind: info_nce, similarity: dot, label_smoothing: 0.2, temperature: {initial: 1, learned: "
      "false}}");
  const double norm = std::log(std::exp(1.0) + 1);
  EXPECT_NEAR(loss->forward({z, z, {}, {}, {}}).loss.item<double>(),
              0.8 * (norm - 1) + 0.2 * (norm - 0.5), 1e-6);
}

// z = [e1, e2, e1, e2]: row 0 sees others with products 0, 1, 0 and its partner at 1: log(e + 2)
// - 1.
TEST(NtXent, EqualsTheHandWorkedValueWithoutSelf) {
  const auto z = at::eye(2);
  EXPECT_NEAR(make(kNtXent)->forward({z, z, {}, {}, {}}).loss.item<double>(),
              std::log(std::exp(1.0) + 2) - 1, 1e-6);
}

// With the row itself in the denominator there is one more e.
TEST(NtXent, EqualsTheHandWorkedValueWithSelf) {
  const auto z = at::eye(2);
  EXPECT_NEAR(make(kNtXentWithSelf)->forward({z, z, {}, {}, {}}).loss.item<double>(),
              std::log(2 * std::exp(1.0) + 2) - 1, 1e-6);
}

TEST(NtXent, IsLogOfItsCandidatesAtChance) {
  const auto z = at::ones({5, 3});
  EXPECT_NEAR(make(kNtXent)->forward({z, z, {}, {}, {}}).loss.item<double>(), std::log(9.0), 1e-6);
  EXPECT_NEAR(make(kNtXentWithSelf)->forward({z, z, {}, {}, {}}).loss.item<double>(),
              std::log(10.0), 1e-6);
}

// Four questions: two true pairs at 1 * s + c, two others at 0 * s + c, with s = 2 and c = -1.
TEST(Sigmoid, EqualsTheHandWorkedValueForTwoOrthogonalPairs) {
  const auto loss = make(
      "{kind: sigmoid, similarity: dot, bias: -1, temperature: {initial: 0.5, learned: false}}");
  const auto z = at::eye(2);
  const double yes = std::log(1 + std::exp(-1.0));  // -log sigmoid(1), and of the others too
  const auto out = loss->forward({z, z, {}, {}, {}});
  EXPECT_NEAR(out.loss.item<double>(), 2 * yes, 1e-6);
  EXPECT_EQ(out.accuracy.item<double>(), 1.0);
}

// With nothing known but how rare true pairs are, the cost is the entropy of that.
TEST(Sigmoid, HasTheChanceValueThatItsCommentGives) {
  const auto loss = make("{kind: sigmoid, similarity: dot, bias: -1.3862943611198906}");  // log 4
  const double want = std::log(5.0) + 4 * std::log(5.0 / 4);
  EXPECT_NEAR(loss->forward({at::zeros({5, 3}), at::zeros({5, 3}), {}, {}, {}}).loss.item<double>(),
              want, 1e-6);
}

// Rows 0 and 1 share a value: the two questions between them are not asked.
TEST(Sigmoid, LeavesPairsOfEqualValuesOut) {
  const auto loss =
      make("{kind: sigmoid, similarity: dot, bias: 0, temperature: {initial: 1, learned: false}}");
  const auto z = at::eye(3);
  const auto identity = at::tensor({5, 5, 6}, at::kLong).view({3, 1});
  const double yes = std::log(1 + std::exp(-1.0)), even = std::log(2.0);
  EXPECT_NEAR(loss->forward({z, z, identity, {}, {}}).loss.item<double>(), (3 * yes + 4 * even) / 3,
              1e-6);
}

TEST(Sigmoid, LearnsItsBiasUnlessToldOtherwise) {
  EXPECT_EQ(make("{kind: sigmoid}")->named_parameters().size(), 2u);
  EXPECT_EQ(make("{kind: sigmoid, learned_bias: false}")->named_parameters().size(), 1u);
  EXPECT_EQ(make("{kind: sigmoid}")->readings()[1].second, -10);
}

// Scores: rows of a against b are [0.5, 0.7, 0.2], [0.1, 0.9, 0.6], [0.3, 0.4, 0.8].
Pairs three_pairs() {
  return {at::eye(3),
          at::tensor({0.5, 0.1, 0.3, 0.7, 0.9, 0.4, 0.2, 0.6, 0.8}, at::kFloat).view({3, 3}),
          {},
          {},
          {}};
}

double triplet(const std::string& mining) {
  return make("{kind: triplet, similarity: dot, margin: 0.25, mining: " + mining + "}")
      ->forward(three_pairs())
      .loss.item<double>();
}

// Hardest of each row: 0.7, 0.6, 0.4 against 0.5, 0.9, 0.8; of each column: 0.3, 0.7, 0.6 likewise.
TEST(Triplet, TakesTheHardestNegative) {
  EXPECT_NEAR(triplet("hardest"), (0.45 + 0 + 0 + 0.05 + 0.05 + 0.05) / 6, 1e-6);
}

// As the hardest, but row 0 has a negative above its partner: the hardest below it is 0.2.
TEST(Triplet, TakesTheHardestNegativeBelowThePartner) {
  EXPECT_NEAR(triplet("semi_hard"), (0 + 0 + 0 + 0.05 + 0.05 + 0.05) / 6, 1e-6);
}

// Costs of both negatives: rows 0.45 0 | 0 0 | 0 0, columns 0 0.05 | 0.05 0 | 0 0.05; mean of two.
TEST(Triplet, TakesTheMeanOverAllNegatives) {
  EXPECT_NEAR(triplet("all"), (0.225 + 0.025 + 0.025 + 0.025) / 6, 1e-6);
}

// Where every negative is above the partner, the easiest of them is taken.
TEST(Triplet, FallsBackToTheEasiestNegative) {
  const auto b = at::tensor({0.1, 0.0, 0.3, 0.0, 1.0, 0.0, 0.6, 0.0, 1.0}, at::kFloat).view({3, 3});
  const auto loss = make("{kind: triplet, similarity: dot, margin: 0.25, mining: semi_hard}");
  // Row 0 scores 0.1 | 0, 0.6 and takes 0; with 0.2 for that 0 it takes 0.2, not 0.6.
  auto above = b.clone();
  above[1][0] = 0.2;
  EXPECT_NEAR(loss->forward({at::eye(3), above, {}, {}, {}}).loss.item<double>() -
                  loss->forward({at::eye(3), b, {}, {}, {}}).loss.item<double>(),
              (0.35 - 0.15) / 6, 1e-6);
}

// cosines 0.6 and 0: lengths do not count.
TEST(CosineDistance, IsOneMinusTheMeanCosineOfPartners) {
  const auto a = at::tensor({3.0, 4.0, 0.0, 1.0}, at::kFloat).view({2, 2});
  const auto b = at::tensor({2.0, 0.0, 5.0, 0.0}, at::kFloat).view({2, 2});
  const auto out = make("{kind: cosine_distance}")->forward({a, b, {}, {}, {}});
  EXPECT_NEAR(out.loss.item<double>(), (0.4 + 1) / 2, 1e-6);
}

TEST(Triplet, IsTheMarginAtChance) {
  const auto z = at::ones({4, 3});
  for (const char* mining : {"hardest", "semi_hard", "all"}) {
    const auto loss = make(std::string("{kind: triplet, margin: 0.3, mining: ") + mining + "}");
    EXPECT_NEAR(loss->forward({z, z, {}, {}, {}}).loss.item<double>(), 0.3, 1e-6) << mining;
  }
}

constexpr const char* kQueue =
    "{kind: momentum_queue, similarity: dot, length: 3, temperature: {initial: 1, learned: false}}";

at::Tensor new_samples(int64_t first, int64_t count) {
  return at::arange(3 * first, 3 * (first + count), at::kLong).view({count, 3});
}

// Keys are compared with, not the vectors of the other side.
TEST(MomentumQueue, WithAnEmptyQueueIsContrastAgainstTheKeysOfTheBatch) {
  const auto a = at::eye(3).narrow(0, 0, 2), key = 2 * a;
  const double want = std::log(std::exp(2.0) + 1) - 2;
  const auto out = make(kQueue)->forward({a, a, new_samples(0, 2), key, key});
  EXPECT_NEAR(out.loss.item<double>(), want, 1e-6);
  EXPECT_EQ(out.accuracy.item<double>(), 1);
}

// Two past pairs with products 0 (e2 against e0, e1) join the two of the batch; later ones
// overwrite the oldest: a queue of three holds no more.
TEST(MomentumQueue, HoldsTheNewestPastPairsAsNegatives) {
  const auto loss = make(kQueue);
  const auto a = at::eye(3).narrow(0, 0, 2), past = at::eye(3).narrow(0, 2, 1).expand({2, 3});
  const auto cost = [&] {
    return loss->forward({a, a, new_samples(100, 2), a, a}).loss.item<double>();
  };
  loss->remember({past, past, new_samples(0, 2), past, past});
  EXPECT_NEAR(cost(), std::log(std::exp(1.0) + 3) - 1, 1e-6);
  loss->remember({past, past, new_samples(2, 2), past, past});
  EXPECT_NEAR(cost(), std::log(std::exp(1.0) + 4) - 1, 1e-6);
  const auto far = -100 * at::ones({4, 3});  // more than the queue: the last three stay
  loss->remember({far, far, new_samples(4, 4), far, far});
  EXPECT_NEAR(cost(), std::log(std::exp(1.0) + 1) - 1, 1e-6);
}

TEST(MomentumQueue, LeavesPastPairsOfTheSameSampleOrValueOut) {
  const auto loss = make(kQueue);
  const auto a = at::eye(3).narrow(0, 0, 2);
  loss->remember({a, a, new_samples(0, 2), a, a});
  auto identity = new_samples(50, 2);
  identity[0][0] = 0;  // sample 0 comes again
  identity[1][1] = 4;  // a value of sample 1 comes again
  // Row 0 sees itself, row 1 and the key of past sample 1; row 1 likewise with past sample 0.
  EXPECT_NEAR(loss->forward({a, a, identity, a, a}).loss.item<double>(),
              std::log(std::exp(1.0) + 2) - 1, 1e-6);
}

TEST(MomentumQueue, KeepsItsQueueInItsState) {
  const auto loss = make(kQueue);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : loss->named_buffers()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"a_queue", "b_queue", "identity_queue", "seen"}));
}

TEST(MomentumQueue, RefusesPairsWithoutKeys) {
  const auto z = at::eye(3);
  EXPECT_THROW(make(kQueue)->forward({z, z, new_samples(0, 3), {}, {}}), Error);
}

// Width 3 sees products 1 and 0 of the identity; the first value alone is 1, 0, 0.
TEST(Matryoshka, IsTheWeightedMeanOverPrefixes) {
  const auto z = at::eye(3);
  const auto loss = at_widths(make(kInfoNce), {{1, 1}, {3, 3}});
  const double whole = std::log(std::exp(1.0) + 2) - 1;
  const double first = (std::log(std::exp(1.0) + 2) - 1 + 2 * std::log(3.0)) / 3;
  EXPECT_NEAR(loss->forward({z, z, {}, {}, {}}).loss.item<double>(), (3 * whole + first) / 4, 1e-6);
  EXPECT_EQ(loss->forward({z, z, {}, {}, {}}).accuracy.item<double>(), 1);  // of the widest
}

TEST(Matryoshka, CutsKeysAndQueueToo) {
  const auto z = at::eye(3);
  const auto loss = at_widths(make(kQueue), {{2, 1}});
  loss->remember({z, z, new_samples(0, 3), z, z});
  // Rows 0 and 1 see three keys of the batch and three of the queue, row 2 is zero throughout.
  const double one = std::log(2 * std::exp(1.0) + 4) - 1, none = std::log(6.0);
  EXPECT_NEAR(loss->forward({z, z, new_samples(9, 3), z, z}).loss.item<double>(),
              (2 * one + none) / 3, 1e-6);
  EXPECT_EQ(loss->momentum(), 0.995);
}

}  // namespace
}  // namespace braid
