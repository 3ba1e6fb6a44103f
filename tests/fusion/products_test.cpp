// low_rank_tensor and bilinear: values worked by hand.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "braid/core/error.h"
#include "tests/fusion/parts.h"

namespace braid {
namespace {

at::Tensor values(std::vector<double> list) { return at::tensor(list, at::kFloat); }

// Both, a alone, none; D = 1.
std::vector<Embedding> product_parts() {
  return {vector_part(rows({2, 3, 9}, 1), {1, 1, 0}), vector_part(rows({5, 9, 9}, 1), {1, 0, 0})};
}

TEST(LowRankTensor, IsASumOverRanksOfProductsOfFactors) {
  const auto fusion = fusion_of("{kind: low_rank_tensor, rank: 2}", 1);
  // Of each rank: weight and column of the appended 1.
  set(*fusion, "factor.a.weight", rows({1, -1}, 1));
  set(*fusion, "factor.a.bias", values({0.5, 2}));
  set(*fusion, "factor.b.weight", rows({3, 1}, 1));
  set(*fusion, "factor.b.bias", values({1, 4}));
  set(*fusion, "bias", values({10}));
  // Both: (2 + 0.5)(15 + 1) + (-2 + 2)(5 + 4) + 10. a alone: (3.5)(1) + (-1)(4) + 10.
  expect_near(fusion->forward(product_parts()).vector, rows({50, 9.5, 0}, 1));
}

// The law that gives it its name: the outer product of [a; 1], [b; 1], [c; 1] under a tensor made
// of the factors gives the same.
TEST(LowRankTensor, EqualsTheFullTensorOnTheOuterProduct) {
  torch::manual_seed(3);
  const int64_t width = 3, rank = 2;
  const auto fusion = fusion_of("{kind: low_rank_tensor, rank: 2}", width, {"a", "b", "c"});
  fusion->to(at::kDouble);
  std::vector<Embedding> parts;
  auto outer = at::ones({1}, at::kDouble);                // of all [h_i; 1], flat
  auto tensor = at::ones({rank, width, 1}, at::kDouble);  // [R, D, (D + 1)^i]
  const auto named = fusion->named_parameters();
  for (size_t m = 0; m < 3; ++m) {
    const auto h = at::randn({width}, at::kDouble);
    parts.push_back({{}, h.unsqueeze(0), present_of({1})});
    const auto one = at::cat({h, at::ones({1}, at::kDouble)});
    outer = (outer.unsqueeze(1) * one.unsqueeze(0)).flatten();
    const auto w = named[2 * m].second.view({rank, width, width});  // rank, out, in
    const auto b = named[2 * m + 1].second.view({rank, width, 1});
    const auto factor = at::cat({w, b}, 2);  // [R, D, D + 1]
    tensor = (tensor.unsqueeze(3) * factor.unsqueeze(2)).flatten(2);
  }
  const auto want = tensor.sum(0).matmul(outer);  // [D]
  expect_near(fusion->forward(parts).vector[0], want, 1e-12);
}

TEST(Bilinear, MlbIsAProjectedProductOfTanhs) {
  const auto fusion = fusion_of("{kind: bilinear, hidden: 2}", 1);
  fusion->eval();
  set(*fusion, "factor.a.weight", rows({0.5, 0}, 1));
  set(*fusion, "factor.a.bias", values({0, 1}));
  set(*fusion, "factor.b.weight", rows({0.1, 0.2}, 1));
  set(*fusion, "factor.b.bias", values({0.3, 0}));
  set(*fusion, "output.weight", rows({2, 3}, 2));
  set(*fusion, "output.bias", values({0.25}));
  const auto t = [](double x) { return std::tanh(x); };
  // a alone: b gives tanh of its bias, (tanh 0.3, 0).
  expect_near(fusion->forward(product_parts()).vector,
              rows({2 * t(1) * t(0.8) + 3 * t(1) * t(1) + 0.25, 2 * t(1.5) * t(0.3) + 0.25, 0}, 1));
}

TEST(Bilinear, MfbSumsFactorsTakesSignedRootsAndUnitLength) {
  const auto fusion = fusion_of("{kind: bilinear, form: mfb, factors: 2}", 2);
  fusion->eval();
  // Four products, the first two make the first value.
  set(*fusion, "factor.a.weight", rows({1, 0, 0, 1, 1, 1, 0, 0}, 2));
  set(*fusion, "factor.a.bias", values({0, 0, 0, 1}));
  set(*fusion, "factor.b.weight", rows({1, 0, 1, 0, 0, 1, 0, 1}, 2));
  set(*fusion, "factor.b.bias", values({0, 0, 0, 0}));
  // a = (2, 7), b = (2, -1): factors of a (2, 7, 9, 1), of b (2, 2, -1, -1):
  // z = (4 + 14, -9 - 1), y = (sqrt 18, -sqrt 10), |y| = sqrt 28.
  const auto out = fusion->forward(
      {vector_part(rows({2, 7}, 2), {1}), vector_part(rows({2, -1}, 2), {1})});
  expect_near(out.vector, rows({std::sqrt(18 / 28.0), -std::sqrt(10 / 28.0)}, 2));
}

TEST(Bilinear, OfThreeIsTheSumOverPairsWithASidePresent) {
  const auto fusion = fusion_of("{kind: bilinear, hidden: 1}", 1, {"a", "b", "c"});
  fusion->eval();
  for (const char* field : {"a", "b", "c"}) {
    set(*fusion, "factor." + std::string(field) + ".weight", rows({1}, 1));
    set(*fusion, "factor." + std::string(field) + ".bias", values({0.5}));
  }
  set(*fusion, "output.weight", rows({1}, 1));
  set(*fusion, "output.bias", values({0}));
  const auto part = [](double x, int64_t here) { return vector_part(rows({x}, 1), {here}); };
  const double a = std::tanh(1.5), b = std::tanh(0.0), c = std::tanh(2.5), none = std::tanh(0.5);
  expect_near(fusion->forward({part(1, 1), part(-0.5, 1), part(2, 1)}).vector,
              rows({a * b + a * c + b * c}, 1));
  // Only c: pairs (a, c) and (b, c), not (a, b).
  expect_near(fusion->forward({part(1, 0), part(-0.5, 0), part(2, 1)}).vector,
              rows({2 * none * c}, 1));
}

TEST(Bilinear, NeedsTwoFields) {
  try {
    fusion_of("\nkind: bilinear", 1, {"a"});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    EXPECT_STREQ(error.what(), "r.yaml:2:7: fusion bilinear joins two fields or more, got 1");
  }
}

}  // namespace
}  // namespace braid
