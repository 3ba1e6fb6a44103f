// The kernels' gradients in float32 against torch's own in float64. Tolerance: sums of at most 40
// products of unit normals, 40 * 2^-24 and some.
#include "braid/block/matmul.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/core/error.h"

namespace braid {
namespace {

void expect_close(const at::Tensor& got, const at::Tensor& want) {
  ASSERT_TRUE(got.defined());
  ASSERT_EQ(got.sizes(), want.sizes());
  if (got.numel() == 0) return;
  EXPECT_LE((got.to(at::kDouble) - want).abs().max().item<double>(), 2e-5);
}

at::Tensor draw(at::IntArrayRef shape) { return at::randn(shape).requires_grad_(); }
at::Tensor doubled(const at::Tensor& x) { return x.detach().to(at::kDouble).requires_grad_(); }

TEST(ApplyLinear, AgreesWithTorchForwardAndBackward) {
  torch::manual_seed(2);
  for (const auto& lead : std::vector<std::vector<int64_t>>{{7}, {3, 5}, {0}, {}, {2, 1, 3}}) {
    auto shape = lead;
    shape.push_back(11);
    const auto x = draw(shape), w = draw({9, 11}), b = draw({9});
    const auto x2 = doubled(x), w2 = doubled(w), b2 = doubled(b);
    const auto y = apply_linear(x, w, b), y2 = at::linear(x2, w2, b2);
    expect_close(y, y2);
    const auto weight = at::randn(y.sizes());
    (y * weight).sum().backward();
    (y2 * weight.to(at::kDouble)).sum().backward();
    expect_close(x.grad(), x2.grad());
    expect_close(w.grad(), w2.grad());
    expect_close(b.grad(), b2.grad());
  }
}

TEST(ApplyLinear, ReadsStridedRowsAndExpandedGradients) {
  torch::manual_seed(2);
  const auto wide = draw({6, 20}), w = draw({4, 5});
  const auto wide2 = doubled(wide), w2 = doubled(w);
  apply_linear(wide.slice(1, 3, 8), w, {})
      .sum()
      .backward();  // the gradient of sum has strides of 0
  at::linear(wide2.slice(1, 3, 8), w2).sum().backward();
  expect_close(wide.grad(), wide2.grad());
  expect_close(w.grad(), w2.grad());
  expect_close(apply_linear(at::ones({5, 3}).t(), w, {}),
              at::linear(at::ones({3, 5}, at::kDouble), w2));
}

TEST(ApplyLinear, LeavesOutGradientsThatNobodyAsksFor) {
  const auto x = at::ones({2, 3}), w = draw({4, 3});
  apply_linear(x, w, {}).sum().backward();
  EXPECT_FALSE(x.grad().defined());
  EXPECT_TRUE(w.grad().defined());
}

TEST(ApplyLinear, RefusesRowsOfAnotherWidth) {
  EXPECT_THROW(apply_linear(at::ones({2, 4}), at::ones({5, 3}), {}), Error);
}

TEST(BatchedMatmul, AgreesWithTorchForEveryPairOfTransposedViews) {
  torch::manual_seed(3);
  for (int turned = 0; turned < 4; ++turned) {
    const auto a = turned & 1 ? draw({6, 8, 5}) : draw({6, 5, 8});
    const auto b = turned & 2 ? draw({6, 7, 8}) : draw({6, 8, 7});
    const auto a2 = doubled(a), b2 = doubled(b);
    const auto left = [&](const at::Tensor& x) { return turned & 1 ? x.transpose(1, 2) : x; };
    const auto right = [&](const at::Tensor& x) { return turned & 2 ? x.transpose(1, 2) : x; };
    const auto c = batched_matmul(left(a), right(b)), c2 = at::bmm(left(a2), right(b2));
    expect_close(c, c2);
    const auto weight = at::randn(c.sizes());
    (c * weight).sum().backward();
    (c2 * weight.to(at::kDouble)).sum().backward();
    expect_close(a.grad(), a2.grad());
    expect_close(b.grad(), b2.grad());
  }
}

TEST(BatchedMatmul, RefusesShapesThatDoNotFit) {
  EXPECT_THROW(batched_matmul(at::ones({2, 3, 4}), at::ones({2, 3, 4})), Error);
  EXPECT_THROW(batched_matmul(at::ones({2, 3, 4}), at::ones({1, 4, 3})), Error);
}

}  // namespace
}  // namespace braid
