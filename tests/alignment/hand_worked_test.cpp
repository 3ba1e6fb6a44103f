// Values worked by hand, laws, and finite differences of the contrastive losses.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include <torch/types.h>

#include "braid/alignment/alignment.h"
#include "braid/core/error.h"

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
  const auto out = make(kInfoNce)->forward(z, z, {});
  EXPECT_NEAR(out.loss.item<double>(), want, 1e-6);
  EXPECT_EQ(out.accuracy.item<double>(), 1.0);
}

TEST(InfoNce, IsLogBatchAtChance) {
  const auto z = at::ones({7, 3});
  EXPECT_NEAR(make(kInfoNce)->forward(z, z, {}).loss.item<double>(), std::log(7.0), 1e-6);
}

TEST(InfoNce, DividesCosinesByTheTemperature) {
  const auto loss = make("{kind: info_nce, temperature: {initial: 0.5, learned: false}}");
  const auto z = 3 * at::eye(2);  // cosine forgets the length
  EXPECT_NEAR(loss->forward(z, z, {}).loss.item<double>(), std::log(std::exp(2.0) + 1) - 2, 1e-6);
  EXPECT_NEAR(loss->temperature(), 0.5, 1e-6);
}

// Rows 0 and 1 share a value, so row 0 is left with itself and row 2: logits of identity.
TEST(InfoNce, LeavesEqualValuesOutOfTheDenominator) {
  const auto z = at::eye(3);
  auto same = at::eye(3, at::kBool);
  same[0][1] = true;
  same[1][0] = true;
  const double two = std::log(std::exp(1.0) + 1) - 1, three = std::log(std::exp(1.0) + 2) - 1;
  EXPECT_NEAR(make(kInfoNce)->forward(z, z, same).loss.item<double>(), (2 * two + three) / 3, 1e-6);
}

TEST(InfoNce, ValuesTheSameWhenTheSidesAreSwapped) {
  at::manual_seed(1);
  const auto a = at::randn({6, 4}), b = at::randn({6, 4});
  const auto loss = make("{kind: info_nce}");
  EXPECT_NEAR(loss->forward(a, b, {}).loss.item<double>(),
              loss->forward(b, a, {}).loss.item<double>(), 1e-6);
}

TEST(InfoNce, SmoothingSpreadsTheTargetOverTheBatch) {
  const auto z = at::eye(2);
  const auto loss = make(
      "{kind: info_nce, similarity: dot, label_smoothing: 0.2, temperature: {initial: 1, learned: "
      "false}}");
  const double norm = std::log(std::exp(1.0) + 1);
  EXPECT_NEAR(loss->forward(z, z, {}).loss.item<double>(), 0.8 * (norm - 1) + 0.2 * (norm - 0.5),
              1e-6);
}

// z = [e1, e2, e1, e2]: row 0 sees others with products 0, 1, 0 and its partner at 1: log(e + 2)
// - 1.
TEST(NtXent, EqualsTheHandWorkedValueWithoutSelf) {
  const auto z = at::eye(2);
  EXPECT_NEAR(make(kNtXent)->forward(z, z, {}).loss.item<double>(), std::log(std::exp(1.0) + 2) - 1,
              1e-6);
}

// With the row itself in the denominator there is one more e.
TEST(NtXent, EqualsTheHandWorkedValueWithSelf) {
  const auto z = at::eye(2);
  EXPECT_NEAR(make(kNtXentWithSelf)->forward(z, z, {}).loss.item<double>(),
              std::log(2 * std::exp(1.0) + 2) - 1, 1e-6);
}

TEST(NtXent, IsLogOfItsCandidatesAtChance) {
  const auto z = at::ones({5, 3});
  EXPECT_NEAR(make(kNtXent)->forward(z, z, {}).loss.item<double>(), std::log(9.0), 1e-6);
  EXPECT_NEAR(make(kNtXentWithSelf)->forward(z, z, {}).loss.item<double>(), std::log(10.0), 1e-6);
}

class Contract : public testing::TestWithParam<std::string> {};

TEST_P(Contract, GradientEqualsFiniteDifferences) {
  at::manual_seed(2);
  const auto loss = make("{kind: " + GetParam() + "}");
  loss->to(at::kDouble);
  auto a = at::randn({4, 3}, at::kDouble).set_requires_grad(true);
  const auto b = at::randn({4, 3}, at::kDouble);
  loss->forward(a, b, {}).loss.backward();
  const double h = 1e-6;
  for (int64_t i = 0; i < a.numel(); ++i) {
    auto up = a.detach().clone(), down = a.detach().clone();
    up.view(-1)[i] += h;
    down.view(-1)[i] -= h;
    const double slope = (loss->forward(up, b, {}).loss.item<double>() -
                          loss->forward(down, b, {}).loss.item<double>()) /
                         (2 * h);
    EXPECT_NEAR(a.grad().view(-1)[i].item<double>(), slope, 1e-7);
  }
}

TEST_P(Contract, DoesNotDependOnTheOrderOfSamples) {
  at::manual_seed(3);
  const auto loss = make("{kind: " + GetParam() + "}");
  const auto a = at::randn({6, 4}), b = at::randn({6, 4});
  const auto order = at::randperm(6);
  EXPECT_NEAR(
      loss->forward(a, b, {}).loss.item<double>(),
      loss->forward(a.index_select(0, order), b.index_select(0, order), {}).loss.item<double>(),
      1e-5);
}

TEST_P(Contract, RefusesABatchWithoutNegatives) {
  const auto loss = make("{kind: " + GetParam() + "}");
  EXPECT_THROW(loss->forward(at::ones({1, 3}), at::ones({1, 3}), {}), Error);
}

TEST_P(Contract, RefusesSidesOfDifferentShape) {
  const auto loss = make("{kind: " + GetParam() + "}");
  EXPECT_THROW(loss->forward(at::ones({3, 3}), at::ones({3, 4}), {}), Error);
  EXPECT_THROW(loss->forward(at::ones({3, 3}), at::ones({3, 3}), at::ones({2, 2}, at::kBool)),
               Error);
}

TEST_P(Contract, KeepsALearnedTemperatureAboveItsBound) {
  const auto loss =
      make("{kind: " + GetParam() + ", temperature: {initial: 0.02, learned: true, lowest: 0.05}}");
  loss->bound();
  EXPECT_NEAR(loss->temperature(), 0.05, 1e-6);
}

TEST_P(Contract, NamesTheLineOfAnUnknownKey) {
  try {
    make("kind: " + GetParam() + "\nsimilarty: cosine\n");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("recipe:2:"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("'similarity'"), std::string::npos) << error.what();
  }
}

std::vector<std::string> all_names() {
  return {
#define BRAID_ALIGNMENT(name, config, help) #name,
#include "braid/alignment/all.def"
#undef BRAID_ALIGNMENT
  };
}

INSTANTIATE_TEST_SUITE_P(AllDef, Contract, testing::ValuesIn(all_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace braid
