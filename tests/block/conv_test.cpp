#include "braid/block/conv.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/block/device.h"
#include "braid/block/norm.h"

namespace braid {
namespace {

struct Gradients {
  at::Tensor y, dx;
  std::vector<at::Tensor> parameters;
};

// Of sum(change * f(x)), in double precision whatever it was computed in.
template <class F>
Gradients gradients(Module& module, const F& f, const at::Tensor& x, const at::Tensor& change,
                    at::ScalarType dtype, at::MemoryFormat format) {
  module.to(dtype);
  const auto in = x.to(dtype).contiguous(format).detach().requires_grad_();
  const auto y = f(in);
  (y * change.to(dtype)).sum().backward();
  Gradients got{y.detach().to(at::kDouble), in.grad().to(at::kDouble), {}};
  for (auto& p : module.parameters()) {
    got.parameters.push_back(p.grad().to(at::kDouble));
    p.mutable_grad() = at::Tensor();
  }
  return got;
}

void expect_close(const Gradients& got, const Gradients& want, double tolerance) {
  const auto expect = [&](const at::Tensor& a, const at::Tensor& b, const char* what) {
    EXPECT_LE((a - b).abs().max().item<double>(), tolerance * b.abs().max().item<double>()) << what;
  };
  expect(got.y, want.y, "y");
  expect(got.dx, want.dx, "dx");
  ASSERT_EQ(got.parameters.size(), want.parameters.size());
  for (size_t i = 0; i < want.parameters.size(); ++i)
    expect(got.parameters[i], want.parameters[i], "parameter");
}

constexpr at::MemoryFormat kFormats[] = {at::MemoryFormat::Contiguous,
                                         at::MemoryFormat::ChannelsLast};

TEST(Conv2d, SumsItsNeighboursAndPadsWithZeros) {
  Conv2d conv(1, 1, 3, 1);
  const at::NoGradGuard no_grad;
  conv.parameters()[0].fill_(1);
  const auto y = conv.forward(at::ones({1, 1, 3, 3}));
  EXPECT_EQ(y[0][0][1][1].item<float>(), 9);
  EXPECT_EQ(y[0][0][0][0].item<float>(), 4);
  EXPECT_EQ(conv.flops(3, 3), 2 * 9 * 9);
}

TEST(Conv2d, ValueAndGradientsAreThoseOfThePlainPathInDouble) {
  torch::manual_seed(1);
  for (const auto& [side, stride] : {std::pair{3, 1}, {3, 2}, {5, 3}, {1, 1}}) {
    Conv2d conv(6, 10, side, stride);
    const auto x = at::randn({4, 6, 9, 8}, at::kDouble);
    const auto forward = [&](const at::Tensor& in) { return conv.forward(in); };
    const auto change = at::randn_like(conv.forward(x.to(at::kFloat))).to(at::kDouble);
    const auto want = gradients(conv, forward, x, change, at::kDouble, kFormats[0]);
    for (const auto format : kFormats) {
      SCOPED_TRACE(::testing::Message() << "side " << side << ", stride " << stride);
      expect_close(gradients(conv, forward, x, change, at::kFloat, format), want, 1e-5);
      if (!has_bf16()) continue;
      const MixedPrecision bf16(at::kCPU, Precision::kBf16);
      expect_close(gradients(conv, forward, x, change, at::kFloat, format), want, 0.03);
    }
  }
}

TEST(Conv2d, KeepsTheLayoutOfWhatItReads) {
  Conv2d conv(3, 4, 3, 2);
  const auto x = at::randn({2, 3, 8, 8});
  EXPECT_TRUE(conv.forward(x).is_contiguous());
  EXPECT_TRUE(conv.forward(x.contiguous(at::MemoryFormat::ChannelsLast))
                  .is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(BatchNorm, ValueAndGradientsAreThoseOfThePlainPathInDouble) {
  torch::manual_seed(2);
  const auto x = at::randn({5, 6, 7, 4}, at::kDouble) * 3 + 2, change = at::randn_like(x);
  for (const bool relu : {false, true}) {
    BatchNorm norm(6);
    {
      const at::NoGradGuard no_grad;
      for (auto& p : norm.parameters()) p.normal_();
    }
    const auto forward = [&](const at::Tensor& in) {
      return relu ? norm.forward_relu(in) : norm.forward(in);
    };
    const auto run = [&](at::ScalarType dtype, at::MemoryFormat format) {
      for (auto& [name, buffer] : norm.named_buffers()) buffer.fill_(1);
      auto got = gradients(norm, forward, x, change, dtype, format);
      for (auto& [name, buffer] : norm.named_buffers())
        got.parameters.push_back(buffer.to(at::kDouble).clone());
      return got;
    };
    const auto want = run(at::kDouble, kFormats[0]);
    for (const auto format : kFormats) expect_close(run(at::kFloat, format), want, 1e-5);
  }
}

}  // namespace
}  // namespace braid
