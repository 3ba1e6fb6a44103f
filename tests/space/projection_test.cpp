#include "braid/space/projection.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/block/unit_rows.h"
#include "braid/core/config.h"

namespace braid {
namespace {

TEST(Projection, ReadsItsKindAndWidth) {
  const auto linear = read<ProjectionConfig>(ConfigNode::parse("{width: 3}"));
  const auto mlp = read<ProjectionConfig>(ConfigNode::parse("{kind: mlp, width: 3, hidden: 5}"));
  torch::manual_seed(1);
  const Projection a(linear, 4), b(mlp, 4);
  EXPECT_EQ(a.forward(at::ones({2, 4})).sizes(), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(b.forward(at::ones({2, 4})).sizes(), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(a.named_parameters().size(), 2u);
  EXPECT_EQ(b.named_parameters().size(), 4u);
  EXPECT_EQ(a.flops(), 2 * 4 * 3);
  EXPECT_EQ(b.flops(), 2 * (4 * 5 + 5 * 3));
}

TEST(Projection, OfKindLinearIsLinear) {
  torch::manual_seed(1);
  const Projection projection({}, 4);
  const auto x = at::randn({1, 4}), y = at::randn({1, 4}), zero = at::zeros({1, 4});
  const auto f = [&](const at::Tensor& v) {
    return projection.forward(v) - projection.forward(zero);
  };
  EXPECT_LE((f(x + y) - f(x) - f(y)).abs().max().item<double>(), 1e-5);
}

TEST(UnitRows, HaveLengthOneAndLeaveZerosAlone) {
  const auto x = at::tensor({3.f, 4.f, 0.f, 0.f, 1e-4f, 0.f}).view({3, 2}).requires_grad_();
  const auto y = unit_rows(x);
  const auto want = at::tensor({0.6f, 0.8f, 0.f, 0.f, 1.f, 0.f}).view({3, 2});
  EXPECT_LE((y - want).abs().max().item<double>(), 1e-6);
  y.sum().backward();
  EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
}

}  // namespace
}  // namespace braid
