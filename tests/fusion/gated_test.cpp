#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "tests/fusion/parts.h"

namespace braid {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Both, b alone; D = 1.
std::vector<Embedding> gated_parts() {
  return {vector_part(rows({2, 9}, 1), {1, 0}), vector_part(rows({-1, 3}, 1), {1, 1})};
}

void set_gates(const Fusion& fusion) {
  set(fusion, "value.a.weight", rows({0.5}, 1));
  set(fusion, "value.b.weight", rows({2}, 1));
  set(fusion, "gate.a.weight", rows({1, 3}, 2));
  set(fusion, "gate.b.weight", rows({0.25, -1}, 2));
}

TEST(Gated, OfTwoIsTheTiedUnitOfThePaper) {
  const auto fusion = fusion_of("{kind: gated}", 1);
  set_gates(*fusion);
  // Both: g_a = 2 - 3 = -1, g_b = 0.5 + 1 = 1.5: z = sigmoid(-1 - 1.5) for a, 1 - z for b.
  const double z = sigmoid(-2.5);
  const auto out = fusion->forward(gated_parts());
  expect_near(out.vector, rows({z * std::tanh(1) + (1 - z) * std::tanh(-2), std::tanh(6)}, 1));
  expect_near(out.weights, rows({z, 1 - z, 0, 1}, 2));
}

TEST(Gated, SigmoidGatesOpenByThemselves) {
  const auto fusion = fusion_of("{kind: gated, gate: sigmoid}", 1);
  set_gates(*fusion);
  // b alone: g_b = 0.25 * 0 - 3.
  const double a = sigmoid(-1), b = sigmoid(1.5);
  const auto out = fusion->forward(gated_parts());
  expect_near(out.vector,
              rows({a * std::tanh(1) + b * std::tanh(-2), sigmoid(-3) * std::tanh(6)}, 1));
  expect_near(out.weights, rows({a / (a + b), b / (a + b), 0, 1}, 2));
}

TEST(Gated, WeightsAreSharesOverAllValues) {
  // D = 2, gates read nothing of b: g_a = (h_a1, 0), g_b = 0.
  const auto fusion = fusion_of("{kind: gated}", 2);
  set(*fusion, "gate.a.weight", rows({1, 0, 0, 0, 0, 0, 0, 0}, 4));
  set(*fusion, "gate.b.weight", at::zeros({2, 4}));
  const auto out = fusion->forward(
      {vector_part(rows({3, 7}, 2), {1}), vector_part(rows({1, 1}, 2), {1})});
  const double a = (sigmoid(3) + 0.5) / 2;
  expect_near(out.weights, rows({a, 1 - a}, 2));
}

}  // namespace
}  // namespace braid
