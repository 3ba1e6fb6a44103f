// sum, mean, product: values worked by hand.
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/fusion/parts.h"

namespace braid {
namespace {

// Both, a alone, b alone, none. What stands where absent must not show.
std::vector<Embedding> vector_parts() {
  return {vector_part(at::tensor({1., 2., 3., -4., 9., 9., 9., 9.}, at::kFloat).view({4, 2}),
                      {1, 1, 0, 0}),
          vector_part(at::tensor({5., -1., 8., 8., 0., 2., 8., 8.}, at::kFloat).view({4, 2}),
                      {1, 0, 1, 0})};
}

TEST(Sum, AddsWhatIsPresent) {
  expect_near(fusion_of("{kind: sum}", 2)->forward(vector_parts()).vector,
              rows({6, 1, 3, -4, 0, 2, 0, 0}, 2));
}

TEST(Sum, OfUnitVectors) {
  // |(3, -4)| = 5; |(1, 2)| = sqrt 5, |(5, -1)| = sqrt 26.
  const double a = std::sqrt(5.0), b = std::sqrt(26.0);
  expect_near(fusion_of("{kind: sum, unit: true}", 2)->forward(vector_parts()).vector,
              rows({1 / a + 5 / b, 2 / a - 1 / b, 0.6, -0.8, 0, 1, 0, 0}, 2));
}

TEST(Mean, DividesByHowManyArePresent) {
  const auto out = fusion_of("{kind: mean}", 2)->forward(vector_parts());
  expect_near(out.vector, rows({3, 0.5, 3, -4, 0, 2, 0, 0}, 2));
  expect_near(out.weights, rows({0.5, 0.5, 1, 0, 0, 1, 0, 0}, 2));
}

TEST(Product, AnAbsentFactorIsOneAndNothingIsZero) {
  expect_near(fusion_of("{kind: product}", 2)->forward(vector_parts()).vector,
              rows({5, -2, 3, -4, 0, 2, 0, 0}, 2));
}

TEST(Product, ItsGradientIsTheOtherFactorWhereAFactorIsZero) {
  auto parts = vector_parts();
  parts[1].pooled = at::tensor({0., -1., 8., 8., 0., 2., 8., 8.}, at::kFloat).view({4, 2});
  for (auto& part : parts) part.pooled.set_requires_grad(true);
  fusion_of("{kind: product}", 2)->forward(parts).vector.sum().backward();
  expect_near(parts[0].pooled.grad(), rows({0, -1, 1, 1, 0, 0, 0, 0}, 2), 0);
  expect_near(parts[1].pooled.grad(), rows({1, 2, 0, 0, 1, 1, 0, 0}, 2), 0);
}

}  // namespace
}  // namespace braid
