#include "braid/space/value_pooling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <string>

#include "tests/scratch.h"

namespace braid {
namespace {

using testing::HasSubstr;

constexpr double kExact = 0;       // the same sums in the same order
constexpr double kRounding = 1e-6;  // float32, a handful of terms

ValuePooling pooling_of(const std::string& yaml, int64_t width) {
  torch::manual_seed(3);
  return ValuePooling(read<ValuePoolingConfig>(ConfigNode::parse(yaml)), width);
}

double apart(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// Scorer of width 2, hidden 1: s = scale * tanh(first coordinate).
void set_scorer(const ValuePooling& pooling, double scale) {
  const at::NoGradGuard no_grad;
  auto parameters = pooling.parameters();
  ASSERT_EQ(parameters.size(), 3u);
  parameters[0].copy_(at::tensor({1.f, 0.f}).view({1, 2}));
  parameters[1].zero_();
  parameters[2].fill_(scale);
}

// s = log 3 for (1, 0) and 0 for (0, 4): weights 3/4 and 1/4.
TEST(ValuePooling, WeighsAsWorkedByHand) {
  const auto pooling = pooling_of("{hidden: 1}", 2);
  set_scorer(pooling, std::log(3.0) / std::tanh(1.0));
  const auto x = at::tensor({1.f, 0.f, 0.f, 4.f, 5.f, 6.f}).view({3, 2});
  const auto pooled = pooling.forward(x, {0, 2, 2, 3});
  const auto want = at::tensor({0.75f, 1.f, 0.f, 0.f, 5.f, 6.f}).view({3, 2});  // the middle: none
  EXPECT_LE(apart(pooled.vectors, want), kRounding);
  EXPECT_LE(apart(pooled.weights, at::tensor({0.75f, 0.25f, 1.f})), kRounding);
}

TEST(ValuePooling, MeanIsTheMean) {
  const auto pooling = pooling_of("{kind: mean}", 2);
  EXPECT_TRUE(pooling.parameters().empty());
  const auto x = at::tensor({1.f, 0.f, 0.f, 4.f, 5.f, 5.f, 7.f, 8.f}).view({4, 2});
  const auto pooled = pooling.forward(x, {0, 3, 4});
  EXPECT_LE(apart(pooled.vectors, at::tensor({2.f, 3.f, 7.f, 8.f}).view({2, 2})), kRounding);
  EXPECT_LE(apart(pooled.weights, at::tensor({1 / 3.f, 1 / 3.f, 1 / 3.f, 1.f})), kRounding);
}

class EachKind : public testing::TestWithParam<std::string> {};

TEST_P(EachKind, ALoneValueKeepsItsVector) {
  const auto pooling = pooling_of(GetParam(), 8);
  const auto x = at::randn({5, 8}) * 20;
  EXPECT_EQ(apart(pooling.forward(x, {0, 1, 2, 3, 4, 5}).vectors, x), kExact);
}

TEST_P(EachKind, TheOrderOfValuesChangesNothing) {
  const auto pooling = pooling_of(GetParam(), 8);
  const auto x = at::randn({7, 8});
  const auto order = at::tensor({3, 0, 6, 1, 5, 2, 4}, at::kLong);
  const auto one = pooling.forward(x, {0, 7});
  const auto other = pooling.forward(x.index_select(0, order), {0, 7});
  EXPECT_LE(apart(one.vectors, other.vectors), kRounding);
  EXPECT_LE(apart(one.weights.index_select(0, order), other.weights), kRounding);
}

TEST_P(EachKind, SamplesOfOneAndSevenValuesDoNotSeeEachOther) {
  const auto pooling = pooling_of(GetParam(), 8);
  const auto x = at::randn({8, 8});
  const auto both = pooling.forward(x, {0, 1, 8}).vectors;
  EXPECT_LE(apart(both[0], pooling.forward(x.narrow(0, 0, 1), {0, 1}).vectors[0]), kRounding);
  EXPECT_LE(apart(both[1], pooling.forward(x.narrow(0, 1, 7), {0, 7}).vectors[0]), kRounding);
  auto spoilt = x.clone();
  spoilt[0].fill_(1e30f);
  EXPECT_EQ(apart(pooling.forward(spoilt, {0, 1, 8}).vectors[1], both[1]), kExact);
}

TEST_P(EachKind, WeightsOfASampleSumToOneHoweverHighTheScores) {
  const auto pooling = pooling_of(GetParam(), 2);
  if (!pooling.parameters().empty()) {
    const at::NoGradGuard no_grad;
    for (auto& parameter : pooling.parameters()) parameter.mul_(1e4);
  }
  const auto weights = pooling.forward(at::randn({6, 2}), {0, 4, 6}).weights;
  EXPECT_NEAR(weights.narrow(0, 0, 4).sum().item<double>(), 1, kRounding);
  EXPECT_NEAR(weights.narrow(0, 4, 2).sum().item<double>(), 1, kRounding);
}

TEST_P(EachKind, GradientsAreThoseOfFiniteDifferences) {
  auto pooling = pooling_of(GetParam(), 3);
  pooling.to(at::kDouble);
  auto x = at::randn({6, 3}, at::kDouble).requires_grad_();
  const auto aim = at::randn({3, 3}, at::kDouble);
  const auto value = [&] { return (pooling.forward(x, {0, 1, 1, 6}).vectors * aim).sum(); };
  value().backward();
  auto leaves = pooling.parameters();
  leaves.push_back(x);
  const at::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (auto& leaf : leaves) {
    ASSERT_TRUE(leaf.grad().defined());
    auto flat = leaf.view(-1);
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const double before = flat[i].item<double>();
      flat[i].fill_(before + kStep);
      const double above = value().item<double>();
      flat[i].fill_(before - kStep);
      const double below = value().item<double>();
      flat[i].fill_(before);
      EXPECT_NEAR(leaf.grad().reshape(-1)[i].item<double>(), (above - below) / (2 * kStep), 1e-7);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, EachKind,
                         testing::Values("{kind: attention, hidden: 4}", "{kind: mean}"),
                         [](const auto& test) {
                           return test.param.find("mean") == std::string::npos ? "Attention"
                                                                               : "Mean";
                         });

// Values of 2, 1, 0 and 3 tokens; the first two are one sample's, the last two another's.
TEST(JoinedTokens, AreThoseOfASamplesValuesInTurn) {
  const auto rows = at::arange(6, at::kFloat).view({6, 1});
  const auto options = at::TensorOptions(at::kBool);
  auto mask = at::zeros({4, 3}, options);
  mask[0].slice(0, 0, 2).fill_(true);
  mask[1][2].fill_(true);  // a hole before it
  mask[3].fill_(true);
  const auto joined = joined_tokens({rows, Segments::of_mask(mask)}, {0, 2, 2, 4});
  EXPECT_EQ(joined.segments.offsets(), (std::vector<int64_t>{0, 3, 3, 6}));
  EXPECT_TRUE(at::equal(joined.rows(), rows));
  const auto padded = joined.padded();  // [3, 3, 1]
  EXPECT_TRUE(at::equal(padded[0].squeeze(1), at::tensor({0.f, 1.f, 2.f})));
  EXPECT_TRUE(at::equal(padded[1].squeeze(1), at::zeros({3})));
  const auto uniform = joined_tokens({rows.view({3, 2, 1}), Segments::uniform(3, 2)}, {0, 1, 3});
  EXPECT_EQ(uniform.segments.offsets(), (std::vector<int64_t>{0, 2, 6}));
  EXPECT_TRUE(at::equal(uniform.padded()[1].squeeze(1), at::tensor({2.f, 3.f, 4.f, 5.f})));
}

TEST(ValuePooling, RefusesOffsetsThatDoNotCoverTheValues) {
  const auto pooling = pooling_of("{kind: mean}", 2);
  const auto x = at::zeros({3, 2});
  for (const std::vector<int64_t>& offsets :
       std::vector<std::vector<int64_t>>{{}, {0}, {0, 2}, {1, 3}, {0, 4}, {0, 3, 2, 3}}) {
    EXPECT_THAT(error_of([&] { pooling.forward(x, offsets); }), HasSubstr("shape: value pooling"));
  }
}

}  // namespace
}  // namespace braid
