// Mlp and LayerNorm in float32, by their kernels, against torch's own operators in float64.
#include "braid/block/mlp.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/block/norm.h"

namespace braid {
namespace {

struct Sides {
  at::Tensor y, dx;
  std::vector<at::Tensor> gradients;
};

template <class Part>
Sides run_part(Part& part, const at::Tensor& x, const at::Tensor& weight) {
  const auto leaf = x.detach().clone().requires_grad_();
  const auto y = part.forward(leaf);
  (y * weight).sum().backward();
  Sides sides{y.detach(), leaf.grad(), {}};
  for (const auto& parameter : part.parameters()) sides.gradients.push_back(parameter.grad());
  return sides;
}

void expect_near_mlp(const at::Tensor& got, const at::Tensor& want) {
  ASSERT_TRUE(got.defined());
  ASSERT_EQ(got.sizes(), want.sizes());
  if (got.numel() == 0) return;
  // Sums of some hundred products of unit normals in float.
  EXPECT_LE((got.to(at::kDouble) - want).abs().max().item<double>(),
            1e-5 * (1 + want.abs().max().item<double>()));
}

template <class Part>
void expect_double_agrees(Part& part, const at::Tensor& x, int64_t out) {
  at::manual_seed(5);
  auto shape = x.sizes().vec();
  shape.back() = out;
  const auto weight = at::randn(shape);
  const auto got = run_part(part, x, weight);
  for (const auto& [name, parameter] : part.named_parameters())
    at::Tensor(parameter).mutable_grad() = at::Tensor();
  part.to(at::kDouble);
  const auto want = run_part(part, x.to(at::kDouble), weight.to(at::kDouble));
  expect_near_mlp(got.y, want.y);
  expect_near_mlp(got.dx, want.dx);
  ASSERT_EQ(got.gradients.size(), want.gradients.size());
  for (size_t i = 0; i < got.gradients.size(); ++i)
    expect_near_mlp(got.gradients[i], want.gradients[i]);
}

TEST(Mlp, AgreesWithTorchForwardAndBackward) {
  for (const auto& lead : std::vector<std::vector<int64_t>>{{7}, {3, 5}, {}, {0}, {2, 1, 130}}) {
    at::manual_seed(4);
    auto shape = lead;
    shape.push_back(11);
    Mlp mlp(11, 37, 9);
    expect_double_agrees(mlp, at::randn(shape), 9);
  }
}

TEST(Mlp, ReadsStridedRowsAndGivesTheSameWithoutGradient) {
  at::manual_seed(4);
  Mlp mlp(6, 24, 6);
  const auto x = at::randn({6, 5, 4}).transpose(0, 2);  // [4, 5, 6]
  const auto y = mlp.forward(x);
  EXPECT_TRUE(y.requires_grad());
  const at::NoGradGuard no_grad;
  const auto again = mlp.forward(x);
  EXPECT_FALSE(again.requires_grad());
  EXPECT_TRUE(at::equal(y.detach(), again));
}

TEST(Mlp, FrozenWeightsLetTheGradientPass) {
  at::manual_seed(4);
  Mlp mlp(5, 8, 5);
  mlp.freeze();
  const auto x = at::randn({3, 5}).requires_grad_();
  mlp.forward(x).sum().backward();
  EXPECT_GT(x.grad().abs().sum().item<double>(), 0);
  EXPECT_TRUE(mlp.parameters().empty());
}

TEST(Mlp, KeepsTheNamesThatFilesHave) {
  std::vector<std::string> names;
  for (const auto& [name, parameter] : Mlp(2, 3, 2).named_parameters()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"first.weight", "first.bias", "second.weight",
                                             "second.bias"}));
}

TEST(Mlp, RefusesRowsOfAnotherWidth) { EXPECT_ANY_THROW(Mlp(4, 8, 4).forward(at::ones({2, 3}))); }

TEST(LayerNormKernel, AgreesWithTorchForwardAndBackward) {
  for (const auto& lead : std::vector<std::vector<int64_t>>{{7}, {3, 5}, {}, {0}, {2, 1, 130}}) {
    at::manual_seed(6);
    auto shape = lead;
    shape.push_back(37);
    LayerNorm norm(37);
    {
      const at::NoGradGuard no_grad;
      for (auto& [name, parameter] : norm.named_parameters()) at::Tensor(parameter).normal_();
    }
    expect_double_agrees(norm, at::randn(shape) * 3 + 1, 37);
  }
}

TEST(LayerNormKernel, RefusesRowsOfAnotherWidth) {
  EXPECT_ANY_THROW(LayerNorm(4).forward(at::ones({2, 3})));
}

}  // namespace
}  // namespace braid
