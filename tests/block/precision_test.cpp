// Products in bfloat16 under MixedPrecision, beside float32.
#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/block/device.h"
#include "braid/block/linear.h"
#include "braid/block/mlp.h"

namespace braid {
namespace {

struct InPrecision {
  at::Tensor y, dx, dw;
};

template <class Part>
InPrecision run_in(Part& part, const at::Tensor& x, Precision precision) {
  const auto leaf = x.detach().clone().requires_grad_();
  for (const auto& [name, parameter] : part.named_parameters())
    at::Tensor(parameter).mutable_grad() = at::Tensor();
  at::Tensor y;
  {
    const MixedPrecision mixed(at::kCPU, precision);
    y = part.forward(leaf);
  }
  y.square().sum().backward();  // after the scope: gradients are computed as their layer was
  return {y.detach(), leaf.grad(), part.parameters().front().grad()};
}

double relative(const at::Tensor& got, const at::Tensor& want) {
  return ((got - want).norm() / want.norm()).item<double>();
}

template <class Part>
void expect_close_but_rounded(Part& part, int64_t in) {
  if (!has_bf16()) GTEST_SKIP() << "this processor does not multiply bfloat16";
  at::manual_seed(3);
  const auto x = at::randn({50, in});
  const auto whole = run_in(part, x, Precision::kFp32), half = run_in(part, x, Precision::kBf16);
  // A bfloat16 is off by 2^-9 at most, 2^-10 or so on average; errors of a sum average out.
  for (const auto field : {&InPrecision::y, &InPrecision::dx, &InPrecision::dw}) {
    EXPECT_LT(relative(half.*field, whole.*field), 1e-2);
    EXPECT_GT(relative(half.*field, whole.*field), 1e-4);
  }
}

TEST(MixedPrecision, RoundsALinearLayerForwardAndBackward) {
  Linear linear(64, 40);
  expect_close_but_rounded(linear, 64);
}

TEST(MixedPrecision, RoundsAnMlpForwardAndBackward) {
  Mlp mlp(48, 96, 48);
  expect_close_but_rounded(mlp, 48);
}

TEST(MixedPrecision, EndsWithItsScope) {
  EXPECT_EQ(products_in(), Precision::kFp32);
  {
    const MixedPrecision outer(at::kCPU, Precision::kBf16);
    EXPECT_EQ(products_in(), Precision::kBf16);
    {
      const MixedPrecision inner(at::kCPU, Precision::kFp32);
      EXPECT_EQ(products_in(), Precision::kFp32);
    }
    EXPECT_EQ(products_in(), Precision::kBf16);
  }
  EXPECT_EQ(products_in(), Precision::kFp32);
}

}  // namespace
}  // namespace braid
