#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "tests/fusion/parts.h"

namespace braid {
namespace {

double gelu(double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// Both, b alone, none; D = 1.
std::vector<Embedding> set_parts() {
  return {vector_part(rows({2, 9, 9}, 1), {1, 0, 0}), vector_part(rows({-1, 3, 9}, 1), {1, 1, 0})};
}

// phi(x) = 2 gelu(x + 1) + 0.5, rho(x) = -gelu(0.5 x) + 4
void set_mlps(const Fusion& fusion) {
  set(fusion, "each.first.weight", rows({1}, 1));
  set(fusion, "each.first.bias", at::full({1}, 1.0));
  set(fusion, "each.second.weight", rows({2}, 1));
  set(fusion, "each.second.bias", at::full({1}, 0.5));
  set(fusion, "all.first.weight", rows({0.5}, 1));
  set(fusion, "all.first.bias", at::zeros({1}));
  set(fusion, "all.second.weight", rows({-1}, 1));
  set(fusion, "all.second.bias", at::full({1}, 4.0));
}

double phi(double x) { return 2 * gelu(x + 1) + 0.5; }
double rho(double x) { return -gelu(0.5 * x) + 4; }

TEST(DeepSet, ReadsTheSumOfWhatItMadeOfEach) {
  const auto fusion = fusion_of("{kind: deep_set, hidden: 1}", 1);
  set_mlps(*fusion);
  expect_near(fusion->forward(set_parts()).vector, rows({rho(phi(2) + phi(-1)), rho(phi(3)), 0}, 1),
              1e-5);
}

TEST(DeepSet, OrTheMean) {
  const auto fusion = fusion_of("{kind: deep_set, hidden: 1, pooling: mean}", 1);
  set_mlps(*fusion);
  expect_near(fusion->forward(set_parts()).vector,
              rows({rho((phi(2) + phi(-1)) / 2), rho(phi(3)), 0}, 1), 1e-5);
}

TEST(DeepSet, VectorsOfModalityTellFieldsApart) {
  const auto fusion = fusion_of("{kind: deep_set, hidden: 1, modality: true}", 1);
  set_mlps(*fusion);
  set(*fusion, "modality.a", at::full({1}, 0.25));
  set(*fusion, "modality.b", at::full({1}, -0.5));
  expect_near(fusion->forward(set_parts()).vector,
              rows({rho(phi(2.25) + phi(-1.5)), rho(phi(2.5)), 0}, 1), 1e-5);
}

}  // namespace
}  // namespace braid
