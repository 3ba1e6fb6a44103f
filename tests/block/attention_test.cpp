#include "braid/block/attention.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <set>

#include "braid/block/dropout.h"
#include "braid/block/pooling.h"
#include "braid/block/transformer.h"
#include "braid/core/error.h"

namespace braid {
namespace {

void expect_near(const at::Tensor& got, const at::Tensor& want, double tolerance = 1e-6) {
  ASSERT_EQ(got.sizes(), want.sizes());
  EXPECT_LE((got - want).abs().max().item<double>(), tolerance) << got << want;
}

// One query of width 4 and two keys: scores 0 and 2 ln 3 / sqrt(4) = ln 3, so weights 1/4 and 3/4.
TEST(Attend, GivesTheHandWorkedMean) {
  const auto q = at::tensor({2.f, 0.f, 0.f, 0.f}).view({1, 1, 4});
  const float log3 = std::log(3.f);
  const auto k = at::tensor({0.f, 5.f, 0.f, 0.f, log3, 0.f, 0.f, 7.f}).view({1, 2, 4});
  const auto v = at::tensor({4.f, 0.f, 8.f, 0.f, 0.f, 4.f, 8.f, 0.f}).view({1, 2, 4});
  expect_near(attend(q, k, v, {}), at::tensor({1.f, 3.f, 8.f, 0.f}).view({1, 1, 4}));
}

TEST(Attend, LooksOnlyAtKeysThatAreReal) {
  const auto q = at::randn({2, 3, 4}), k = at::randn({2, 2, 4}), v = at::randn({2, 2, 4});
  auto mask = at::ones({2, 2}, at::kBool);
  mask[0][1] = false;
  const auto out = attend(q, k, v, mask);
  expect_near(out[0], v[0].narrow(0, 0, 1).expand({3, 4}));  // a lone key has weight 1
  expect_near(out[1], attend(q, k, v, {})[1]);
}

TEST(Attend, GivesZerosAndFiniteGradientsWithNothingToLookAt) {
  const auto q = at::randn({2, 3, 4}).requires_grad_(), v = at::randn({2, 2, 4}).requires_grad_();
  auto mask = at::ones({1, 2}, at::kBool);
  EXPECT_GT(attend(q, v, v, mask).abs().max().item<float>(), 0);
  const auto out = attend(q, v, v, mask.logical_not());
  EXPECT_EQ(out.abs().max().item<float>(), 0);
  out.sum().backward();
  EXPECT_EQ(q.grad().abs().max().item<float>(), 0);
  EXPECT_EQ(v.grad().abs().max().item<float>(), 0);
}

TEST(Attention, HeadsLookSeparately) {
  // With two heads, masking by head in the input must equal attending each half alone.
  torch::manual_seed(1);
  const Attention attention(4, 2);
  const auto x = at::randn({3, 5, 4});
  const auto w = attention.named_parameters();
  ASSERT_EQ(w[0].first, "input.weight");
  const auto parts = at::linear(x, w[0].second, w[1].second).chunk(3, -1);
  std::vector<at::Tensor> heads;
  for (int64_t h = 0; h < 2; ++h) {
    const auto half = [&](int i) { return parts[i].narrow(2, 2 * h, 2); };
    const auto scores = at::matmul(half(0), half(1).transpose(1, 2)) / std::sqrt(2.0);
    heads.push_back(at::matmul(at::softmax(scores, -1), half(2)));
  }
  expect_near(attention.forward(x.view({15, 4}), Segments::uniform(3, 5)).view({3, 5, 4}),
              at::linear(at::cat(heads, -1), w[2].second, w[3].second));
}

TEST(Attention, RefusesHeadsThatDoNotDivideTheWidth) { EXPECT_THROW(Attention(6, 4), Error); }

// [4, 6] with a hole, a short one, an empty one and a full one.
at::Tensor ragged_mask() {
  auto mask = at::ones({4, 6}, at::kBool);
  mask[0][2] = false;
  mask[1].slice(0, 2).fill_(false);
  mask[2].fill_(false);
  return mask;
}

TEST(AttendRows, EqualsThePaddedComputationWithItsGradients) {
  torch::manual_seed(2);
  for (const auto& mask :
       {ragged_mask(), at::zeros({2, 3}, at::kBool), at::ones({2, 3}, at::kBool)}) {
    const auto segments = Segments::of_mask(mask);
    const auto qkv = at::randn({segments.rows(), 3 * 10});
    const auto weights = at::randn({segments.rows(), 10});
    auto single = qkv.clone().requires_grad_();
    auto twice = qkv.to(at::kDouble).requires_grad_();  // takes torch's operators, padded
    const auto got = attend_rows(single, segments, 2), want = attend_rows(twice, segments, 2);
    if (segments.rows() == 0) {
      EXPECT_EQ(got.size(0), 0);
      continue;
    }
    expect_near(got, want.to(at::kFloat), 1e-6);
    (got * weights).sum().backward();
    (want * weights).sum().backward();
    expect_near(single.grad(), twice.grad().to(at::kFloat), 1e-6);
  }
}

TEST(AttendRows, RefusesRowsOfAnotherShape) {
  EXPECT_THROW(attend_rows(at::zeros({5, 12}), Segments::uniform(2, 3), 2), Error);
  EXPECT_THROW(attend_rows(at::zeros({6, 10}), Segments::uniform(2, 3), 2), Error);
}

TEST(AttendRows, DropoutKeepsTheMean) {
  torch::manual_seed(2);
  const auto segments = Segments::of_mask(ragged_mask());
  const auto qkv = at::randn({segments.rows(), 12});
  auto sum = at::zeros({segments.rows(), 4});
  for (int i = 0; i < 4000; ++i) sum += attend_rows(qkv, segments, 2, 0.5);
  // A mean of 4000 draws whose spread is about 1: five standard errors.
  expect_near(sum / 4000, attend_rows(qkv, segments, 2), 0.08);
}

TEST(Transformer, PermutingTokensPermutesTheResult) {
  torch::manual_seed(1);
  const Transformer transformer({.width = 8, .depth = 2, .heads = 2});
  const auto x = at::randn({2, 4, 8});
  const auto order = at::tensor({3, 1, 0, 2}, at::kLong);
  const auto run = [&](const at::Tensor& tokens) {
    return transformer.forward(tokens.reshape({8, 8}), Segments::uniform(2, 4)).view({2, 4, 8});
  };
  expect_near(run(x.index_select(1, order)), run(x).index_select(1, order), 1e-5);
}

TEST(Transformer, AgreesBetweenTheKernelAndTheDoublePath) {
  torch::manual_seed(1);
  Transformer transformer({.width = 8, .depth = 2, .heads = 2});
  const auto segments = Segments::of_mask(ragged_mask());
  const auto x = at::randn({segments.rows(), 8});
  const auto single = transformer.forward(x, segments).to(at::kDouble);
  transformer.to(at::kDouble);
  expect_near(transformer.forward(x.to(at::kDouble), segments), single, 1e-5);
}

TEST(DropPath, TakesWholeSamples) {
  torch::manual_seed(1);
  const auto segments = Segments::of_mask(ragged_mask());
  const auto x = at::ones({segments.rows(), 3});
  std::set<float> seen;
  for (int i = 0; i < 20; ++i) {
    const auto y = drop_path(x, segments, 0.5, true);
    for (int64_t s = 0; s < segments.count(); ++s) {
      const auto part = y.slice(0, segments.offsets()[s], segments.offsets()[s + 1]);
      if (part.numel() == 0) continue;
      const auto value = part.min().item<float>();
      EXPECT_EQ(value, part.max().item<float>());
      seen.insert(value);
    }
  }
  EXPECT_EQ(seen, (std::set<float>{0, 2}));
  EXPECT_TRUE(drop_path(x, segments, 0.5, false).is_same(x));
}

TEST(Transformer, CountsItsOperations) {
  // One block at width 2, one step: 12 d^2 weights twice, plus scores and sums 4 t^2 d.
  EXPECT_EQ(Transformer({.width = 2, .depth = 1}).flops(1), 2 * 12 * 4 + 8);
}

TEST(Pooling, GivesHandWorkedValuesAndZerosForNothing) {
  const auto x =
      at::tensor({1.f, 5.f, 3.f, 1.f, 9.f, 9.f, 1.f, 1.f, 1.f, 1.f, 1.f, 1.f}).view({2, 3, 2});
  auto mask = at::zeros({2, 3}, at::kBool);
  mask[0].slice(0, 0, 2).fill_(true);
  const auto row = [](float a, float b) { return at::tensor({a, b, 0.f, 0.f}).view({2, 2}); };
  expect_near(masked_mean(x, mask), row(2, 3));
  torch::manual_seed(1);
  const AttentionPool pool(2);
  const auto pooled = pool.forward(x, mask);
  EXPECT_EQ(pooled[1].abs().max().item<float>(), 0);
  const at::NoGradGuard no_grad;
  pool.parameters()[0].zero_();
  expect_near(pool.forward(x, mask), row(2, 3));  // a query of zeros is the mean
}

}  // namespace
}  // namespace braid
