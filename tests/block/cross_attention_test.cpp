#include "braid/block/cross_attention.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/block/attention.h"
#include "braid/core/error.h"

namespace braid {
namespace {

void expect_within(const at::Tensor& got, const at::Tensor& want, double tolerance = 1e-6) {
  ASSERT_EQ(got.sizes(), want.sizes());
  if (got.numel() == 0) return;
  EXPECT_LE((got - want).abs().max().item<double>(), tolerance) << got << want;
}

// Four samples: queries 3 with a hole, none, 1, 2; keys 2, 1, none, 4.
Segments ragged_queries() {
  auto mask = at::zeros({4, 4}, at::kBool);
  for (const auto& [b, t] : {std::pair{0, 0}, {0, 2}, {0, 3}, {2, 0}, {3, 0}, {3, 1}})
    mask[b][t] = true;
  return Segments::of_mask(mask);
}

Segments ragged_keys() {
  auto mask = at::zeros({4, 4}, at::kBool);
  for (const auto& [b, length] : {std::pair{0, 2}, {1, 1}, {3, 4}})
    mask[b].slice(0, 0, length).fill_(true);
  return Segments::of_mask(mask);
}

// One query of width 4 and two keys: scores 0 and 2 ln 3 / sqrt(4) = ln 3, so weights 1/4 and 3/4.
TEST(AttendAcross, GivesTheHandWorkedMeanAndWeights) {
  const float log3 = std::log(3.f);
  const auto q = at::tensor({2.f, 0.f, 0.f, 0.f}).view({1, 4});
  const auto kv = at::tensor({0.f, 5.f, 0.f, 0.f, 4.f, 0.f, 8.f, 0.f,  //
                              log3, 0.f, 0.f, 7.f, 0.f, 4.f, 8.f, 0.f})
                      .view({2, 8});
  const auto one = Segments::uniform(1, 1), two = Segments::uniform(1, 2);
  const auto want = at::tensor({1.f, 3.f, 8.f, 0.f}).view({1, 4});
  expect_within(attend_across(q, kv, one, two, 1), want);
  at::Tensor weights;
  expect_within(attend_across(q, kv, one, two, 1, 0, &weights), want);
  expect_within(weights, at::tensor({0.25f, 0.75f}).view({1, 1, 2}));
}

TEST(AttendAcross, KernelAndPlainPathAgreeWithTheirGradients) {
  torch::manual_seed(2);
  const auto queries = ragged_queries(), keys = ragged_keys();
  const auto q = at::randn({queries.rows(), 10}), kv = at::randn({keys.rows(), 20});
  const auto mix = at::randn({queries.rows(), 10});
  auto q1 = q.clone().requires_grad_(), kv1 = kv.clone().requires_grad_();
  auto q2 = q.to(at::kDouble).requires_grad_(), kv2 = kv.to(at::kDouble).requires_grad_();
  auto q3 = q.clone().requires_grad_(), kv3 = kv.clone().requires_grad_();
  at::Tensor weights;
  const auto fused = attend_across(q1, kv1, queries, keys, 2);
  const auto plain = attend_across(q2, kv2, queries, keys, 2);
  const auto shown = attend_across(q3, kv3, queries, keys, 2, 0, &weights);
  expect_within(fused, plain.to(at::kFloat));
  expect_within(shown, fused);
  (fused * mix).sum().backward();
  (plain * mix).sum().backward();
  (shown * mix).sum().backward();
  expect_within(q1.grad(), q2.grad().to(at::kFloat));
  expect_within(kv1.grad(), kv2.grad().to(at::kFloat));
  expect_within(kv3.grad(), kv1.grad());
  EXPECT_FALSE(weights.requires_grad());
}

TEST(AttendAcross, ASampleWithoutKeysGivesZerosAndNoGradient) {
  torch::manual_seed(2);
  const auto queries = ragged_queries(), keys = ragged_keys();
  auto q = at::randn({queries.rows(), 4}).requires_grad_();
  const auto kv = at::randn({keys.rows(), 8});
  const auto out = attend_across(q, kv, queries, keys, 2);
  EXPECT_EQ(out[3].abs().max().item<float>(), 0);  // the one query of sample 2
  EXPECT_GT(out[2].abs().max().item<float>(), 0);
  out.sum().backward();
  EXPECT_EQ(q.grad()[3].abs().max().item<float>(), 0);
}

TEST(AttendAcross, WeightsSumToOneWhereAQueryHasAKeyAndElseToZero) {
  torch::manual_seed(2);
  const auto queries = ragged_queries(), keys = ragged_keys();
  at::Tensor weights;
  attend_across(at::randn({queries.rows(), 4}), at::randn({keys.rows(), 8}), queries, keys, 2, 0,
                &weights);
  const auto want = at::tensor({1.f, 0.f, 1.f, 1.f, 0.f, 0.f, 0.f, 0.f,  //
                                0.f, 0.f, 0.f, 0.f, 1.f, 1.f, 0.f, 0.f})
                        .view({4, 4});
  expect_within(weights.sum(2), want);
  // Columns of keys that are none.
  EXPECT_EQ(weights[0].narrow(1, 2, 2).abs().max().item<float>(), 0);
}

TEST(AttendAcross, IsSelfAttentionWhereBothSetsAreOne) {
  torch::manual_seed(2);
  const auto segments = ragged_queries();
  const auto qkv = at::randn({segments.rows(), 12});
  const auto want = attend_rows(qkv, segments, 2);
  at::Tensor weights;
  expect_within(attend_across(qkv.narrow(1, 0, 4), qkv.narrow(1, 4, 8), segments, segments, 2), want);
  expect_within(attend_rows(qkv, segments, 2, 0, &weights), want);
  expect_within(weights.sum(), at::tensor(6.f).squeeze());  // six rows, each a whole
}

TEST(AttendAcross, DropoutKeepsTheMean) {
  torch::manual_seed(2);
  const auto queries = ragged_queries(), keys = ragged_keys();
  const auto q = at::randn({queries.rows(), 4}), kv = at::randn({keys.rows(), 8});
  auto sum = at::zeros({queries.rows(), 4});
  for (int i = 0; i < 4000; ++i) sum += attend_across(q, kv, queries, keys, 2, 0.5);
  // A mean of 4000 draws whose spread is about 1: five standard errors.
  expect_within(sum / 4000, attend_across(q, kv, queries, keys, 2), 0.08);
}

TEST(AttendAcross, RefusesRowsOfAnotherShape) {
  const auto two = Segments::uniform(2, 1), three = Segments::uniform(3, 1);
  const auto attend = [&](int64_t q, int64_t kv, const Segments& keys) {
    attend_across(at::zeros({2, q}), at::zeros({keys.rows(), kv}), two, keys, 2);
  };
  EXPECT_NO_THROW(attend(4, 8, two));
  EXPECT_THROW(attend(4, 9, two), Error);    // keys and values of other widths
  EXPECT_THROW(attend(3, 6, two), Error);    // two heads
  EXPECT_THROW(attend(4, 8, three), Error);  // another batch
}

TEST(CrossAttention, IsTheFormulaOfItsWeights) {
  torch::manual_seed(1);
  const CrossAttention attention(4, 1);
  const auto w = attention.named_parameters();
  ASSERT_EQ(w.size(), 5u);  // no bias at the output
  const auto x = at::randn({3, 4}), y = at::randn({2, 4});
  const auto kv = at::linear(y, w[2].second, w[3].second);
  const auto scores =
      at::linear(x, w[0].second, w[1].second).matmul(kv.narrow(1, 0, 4).t()) / 2.0;
  expect_within(attention.forward(x, Segments::uniform(1, 3), y, Segments::uniform(1, 2)),
              at::softmax(scores, -1).matmul(kv.narrow(1, 4, 4)).matmul(w[4].second.t()));
}

TEST(CrossAttention, RefusesHeadsThatDoNotDivideTheWidth) {
  EXPECT_THROW(CrossAttention(6, 4), Error);
}

}  // namespace
}  // namespace braid
