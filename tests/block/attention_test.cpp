#include "braid/block/attention.h"

#include <gtest/gtest.h>
#include <torch/types.h>

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
  expect_near(attention.forward(x, {}), at::linear(at::cat(heads, -1), w[2].second, w[3].second));
}

TEST(Attention, RefusesHeadsThatDoNotDivideTheWidth) { EXPECT_THROW(Attention(6, 4), Error); }

TEST(Transformer, PermutingTokensPermutesTheResult) {
  torch::manual_seed(1);
  const Transformer transformer({.width = 8, .depth = 2, .heads = 2});
  const auto x = at::randn({2, 4, 8});
  const auto order = at::tensor({3, 1, 0, 2}, at::kLong);
  expect_near(transformer.forward(x.index_select(1, order), {}),
              transformer.forward(x, {}).index_select(1, order), 1e-5);
}

TEST(Transformer, AgreesBetweenTheKernelAndTheDoublePath) {
  torch::manual_seed(1);
  Transformer transformer({.width = 8, .depth = 2, .heads = 2});
  const auto x = at::randn({2, 4, 8});
  const auto single = transformer.forward(x, {}).to(at::kDouble);
  transformer.to(at::kDouble);
  expect_near(transformer.forward(x.to(at::kDouble), {}), single, 1e-5);
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
  expect_near(masked_max(x, mask), row(3, 5));
  expect_near(masked_last(x, mask), row(3, 1));
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
