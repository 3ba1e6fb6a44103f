// A norm inside the function of the product behind it equals the norm and the product one after the
// other, to the bit.
#include "braid/block/norm_rows.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <functional>

#include "braid/block/attention.h"
#include "braid/block/mlp.h"
#include "braid/block/norm.h"

namespace braid {
namespace {

using Run = std::function<at::Tensor(const at::Tensor&)>;

// y, the gradient of x, those of the parameters.
std::vector<at::Tensor> results_of(const Module& norm, const Module& part, const at::Tensor& x,
                                   const Run& run) {
  std::vector<at::Tensor> parameters = norm.parameters();
  for (const auto& parameter : part.parameters()) parameters.push_back(parameter);
  for (auto& parameter : parameters) parameter.mutable_grad() = at::Tensor();
  const auto leaf = x.detach().requires_grad_();
  const auto y = run(leaf);
  if (y.requires_grad()) (y * y).sum().backward();
  std::vector<at::Tensor> results = {y.detach(), leaf.grad()};
  for (const auto& parameter : parameters) results.push_back(parameter.grad());
  return results;
}

void expect_equal(const std::vector<at::Tensor>& got, const std::vector<at::Tensor>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_TRUE(got[i].defined() && want[i].defined()) << i;
    EXPECT_TRUE(at::equal(got[i], want[i])) << i;
  }
}

// A norm that is not the identity, as training leaves it.
LayerNorm& stir(LayerNorm& norm) {
  const at::NoGradGuard no_grad;
  for (auto& [name, parameter] : norm.named_parameters()) at::Tensor(parameter).normal_();
  return norm;
}

template <class Part>
void expect_same_inside(Part& part, int64_t width) {
  for (const auto& lead : std::vector<std::vector<int64_t>>{{7}, {3, 5}, {}, {0}, {2, 1, 130}}) {
    at::manual_seed(8);
    LayerNorm norm(width);
    stir(norm);
    auto shape = lead;
    shape.push_back(width);
    const auto x = at::randn(shape);
    const auto inside = [&](const at::Tensor& leaf) { return part.forward(leaf, norm); };
    const auto before = [&](const at::Tensor& leaf) { return part.forward(norm.forward(leaf)); };
    expect_equal(results_of(norm, part, x, inside), results_of(norm, part, x, before));
  }
}

TEST(NormInside, ALinearLayerGivesTheSameBits) {
  Linear linear(19, 33), bare(19, 33, false);
  expect_same_inside(linear, 19);
  expect_same_inside(bare, 19);
}

TEST(NormInside, AnMlpGivesTheSameBits) {
  Mlp mlp(19, 40, 11);
  expect_same_inside(mlp, 19);
}

TEST(NormInside, AttentionGivesTheSameBits) {
  at::manual_seed(8);
  Attention attention(12, 3);
  LayerNorm norm(12);
  stir(norm);
  const auto segments = Segments::uniform(3, 5);
  const auto x = at::randn({15, 12});
  expect_equal(
      results_of(norm, attention, x,
                 [&](const at::Tensor& leaf) { return attention.forward(leaf, segments, norm); }),
      results_of(norm, attention, x, [&](const at::Tensor& leaf) {
        return attention.forward(norm.forward(leaf), segments);
      }));
}

TEST(NormInside, OtherTypesTakeTorchsOperators) {
  at::manual_seed(8);
  Mlp mlp(6, 9, 4);
  Linear linear(6, 5);
  LayerNorm norm(6);
  stir(norm);
  for (Module* part : std::vector<Module*>{&mlp, &linear, &norm}) part->to(at::kDouble);
  const auto x = at::randn({4, 6}, at::kDouble);
  EXPECT_TRUE(at::equal(mlp.forward(x, norm), mlp.forward(norm.forward(x))));
  EXPECT_TRUE(at::equal(linear.forward(x, norm), linear.forward(norm.forward(x))));
}

TEST(NormInside, FrozenPartsLetTheGradientPass) {
  at::manual_seed(8);
  Mlp mlp(6, 9, 4);
  LayerNorm norm(6);
  stir(norm);
  mlp.freeze();
  const auto x = at::randn({4, 6});
  const auto inside = [&](const at::Tensor& leaf) { return mlp.forward(leaf, norm); };
  const auto before = [&](const at::Tensor& leaf) { return mlp.forward(norm.forward(leaf)); };
  expect_equal(results_of(norm, mlp, x, inside), results_of(norm, mlp, x, before));
  norm.freeze();
  expect_equal(results_of(norm, mlp, x, inside), results_of(norm, mlp, x, before));
}

TEST(NormInside, TrainsANormInFrontOfFrozenPartsOnDataWithoutGradient) {
  at::manual_seed(8);
  Mlp mlp(6, 9, 4);
  mlp.freeze();
  const auto x = at::randn({4, 6});
  const auto gradients = [&](bool inside) {
    LayerNorm norm(6);
    (inside ? mlp.forward(x, norm) : mlp.forward(norm.forward(x))).square().sum().backward();
    return std::vector<at::Tensor>{norm.weight().grad(), norm.bias().grad()};
  };
  expect_equal(gradients(true), gradients(false));
}

TEST(Mlp, ASecondBackwardPassOfAGraphGivesTheSameGradients) {
  at::manual_seed(8);
  Mlp mlp(6, 9, 4);
  LayerNorm norm(6);
  stir(norm);
  const auto x = at::randn({5, 6}).requires_grad_();
  for (const bool inside : {false, true}) {
    const auto y = inside ? mlp.forward(x, norm) : mlp.forward(x);
    const auto loss = (y * y).sum();
    const auto pass = [&] {
      x.mutable_grad() = at::Tensor();
      for (auto& parameter : mlp.parameters()) at::Tensor(parameter).mutable_grad() = at::Tensor();
      loss.backward({}, /*retain_graph=*/true);
      std::vector<at::Tensor> gradients = {x.grad().clone()};
      for (const auto& parameter : mlp.parameters()) gradients.push_back(parameter.grad().clone());
      return gradients;
    };
    const auto first = pass();
    expect_equal(pass(), first);
    expect_equal(pass(), first);
  }
}

}  // namespace
}  // namespace braid
