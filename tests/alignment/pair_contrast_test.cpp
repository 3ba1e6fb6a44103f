// The kernel's way through info_nce beside torch's, which double takes.
#include "braid/alignment/pair_contrast.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/function.h>

#include <algorithm>
#include <cmath>

#include "braid/kernel/choice.h"

namespace braid {
namespace {

struct Outcome {
  AlignmentLoss out;
  at::Tensor a, b, log_scale;  // gradients
};

Outcome compare_at(at::ScalarType dtype, const std::string& keys, const at::Tensor& identity) {
  at::manual_seed(7);
  const auto a = at::randn({45, 6}).to(dtype).requires_grad_();
  const auto b = (a.detach() + at::randn({45, 6}).to(dtype)).requires_grad_();
  const auto loss = make_alignment(ConfigNode::parse("{kind: info_nce" + keys + "}"), 6);
  loss->to(dtype);
  const auto out = loss->forward({a, b, identity, {}, {}});
  (out.loss * 3).backward();
  const auto learned = loss->parameters();
  return {out, a.grad(), b.grad(), learned.empty() ? at::Tensor() : learned[0].grad()};
}

void expect_alike(const std::string& keys, const at::Tensor& identity) {
  const auto got = compare_at(at::kFloat, keys, identity);
  const auto want = compare_at(at::kDouble, keys, identity);
  EXPECT_NE(got.out.loss.grad_fn()->name().find("PairContrast"), std::string::npos);
  EXPECT_EQ(want.out.loss.grad_fn()->name().find("PairContrast"), std::string::npos);
  // Scores of up to 1 / 0.07 = 14 in float: 14 * 2^-24, some ten times.
  const double tolerance = 1e-5;
  EXPECT_NEAR(got.out.loss.item<double>(), want.out.loss.item<double>(), tolerance);
  EXPECT_NEAR(got.out.accuracy.item<double>(), want.out.accuracy.item<double>(), 1e-6);
  EXPECT_TRUE(at::allclose(got.a.to(at::kDouble), want.a, 1e-4, tolerance));
  EXPECT_TRUE(at::allclose(got.b.to(at::kDouble), want.b, 1e-4, tolerance));
  if (!want.log_scale.defined()) return;
  const auto slope = want.log_scale.item<double>();
  EXPECT_NEAR(got.log_scale.item<double>(), slope, tolerance * std::max(1.0, std::abs(slope)));
}

class PairContrast : public testing::Test {
  void SetUp() override {
    if (!use_kernels()) GTEST_SKIP() << "BRAID_KERNEL=ref";
  }
};

TEST_F(PairContrast, GivesTheTorchPathsValuesAndGradients) {
  expect_alike("", {});
  expect_alike(", similarity: dot", {});
  expect_alike(", temperature: {initial: 0.5, learned: false}", {});
  const auto sample = at::arange(45, at::kLong);
  const auto identity = at::stack({sample, sample.floor_divide(4), sample.remainder(11)}, 1);
  expect_alike("", identity);
  expect_alike(", mask_equal: false", identity);
}

TEST_F(PairContrast, LeavesSmoothingAndTheFilterToTorch) {
  const auto name = [](const std::string& keys) {
    return compare_at(at::kFloat, keys, {}).out.loss.grad_fn()->name();
  };
  for (const char* keys : {", label_smoothing: 0.1", ", false_negatives: {above: 0.5}"}) {
    EXPECT_EQ(name(keys).find("PairContrast"), std::string::npos) << keys;
  }
  EXPECT_NE(name(", false_negatives: {above: 0.5, at_most: 0}").find("PairContrast"),
            std::string::npos);
}

TEST_F(PairContrast, AccuracyHasNoGradientAndNothingIsKeptWithoutOne) {
  const auto a = at::randn({8, 3}).requires_grad_(), b = at::randn({8, 3});
  const auto scale = at::full({}, 2.0f);
  const auto out = pair_contrast(a, b, scale, {});
  EXPECT_TRUE(out.loss.requires_grad());
  EXPECT_FALSE(out.accuracy.requires_grad());
  const at::NoGradGuard no_grad;
  const auto plain = pair_contrast(a, b, scale, {});
  EXPECT_FALSE(plain.loss.requires_grad());
  EXPECT_EQ(plain.loss.item<float>(), out.loss.item<float>());
}

TEST_F(PairContrast, GoesBackTwiceWhereTheGraphIsKept) {
  const auto a = at::randn({8, 3}).requires_grad_(), b = at::randn({8, 3}).requires_grad_();
  const auto out = pair_contrast(a, b, at::full({}, 2.0f), {});
  out.loss.backward({}, /*retain_graph=*/true);
  const auto once = a.grad().clone();
  out.loss.backward();
  EXPECT_TRUE(at::equal(a.grad(), once + once));
}

}  // namespace
}  // namespace braid
