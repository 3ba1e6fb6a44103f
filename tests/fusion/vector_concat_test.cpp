#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/fusion/parts.h"

namespace braid {
namespace {

// Both, a alone, none; D = 1.
std::vector<Embedding> concat_parts() {
  return {vector_part(rows({2, 3, 9}, 1), {1, 1, 0}), vector_part(rows({5, 9, 9}, 1), {1, 0, 0})};
}

TEST(VectorConcat, WithoutAHeadIsVectorsThenFlags) {
  const auto fusion = fusion_of("{kind: vector_concat, head: none}", 1);
  EXPECT_EQ(fusion->width(), 4);
  expect_near(fusion->forward(concat_parts()).vector, rows({2, 5, 1, 1, 3, 0, 1, 0, 0, 0, 0, 0}, 4),
              0);
}

TEST(VectorConcat, PutsALearnedVectorWhereOneIsAbsent) {
  const auto fusion = fusion_of("{kind: vector_concat, head: none, missing: learned}", 1);
  set(*fusion, "missing.b", at::full({1}, 0.25));
  expect_near(fusion->forward(concat_parts()).vector, rows({2, 5, 3, 0.25, 0, 0}, 2), 0);
}

TEST(VectorConcat, ALinearHeadReadsVectorsAndFlags) {
  const auto fusion = fusion_of("{kind: vector_concat, head: linear}", 1);
  fusion->eval();
  set(*fusion, "linear.weight", rows({1, 10, 100, 1000}, 4));
  set(*fusion, "linear.bias", at::full({1}, 0.5));
  // 2 + 50 + 100 + 1000 + 0.5; 3 + 0 + 100 + 0 + 0.5; nothing is zero, bias or not.
  expect_near(fusion->forward(concat_parts()).vector, rows({1152.5, 103.5, 0}, 1));
}

TEST(VectorConcat, AnMlpHeadHasGeluBetween) {
  const auto fusion = fusion_of("{kind: vector_concat, hidden: 1, missing: learned}", 1);
  fusion->eval();
  set(*fusion, "missing.b", at::zeros({1}));
  set(*fusion, "mlp.first.weight", rows({1, -1}, 2));
  set(*fusion, "mlp.first.bias", at::full({1}, 2.0));
  set(*fusion, "mlp.second.weight", rows({3}, 1));
  set(*fusion, "mlp.second.bias", at::full({1}, 1.0));
  // 2 - 5 + 2 = -1 and 3 - 0 + 2 = 5; gelu(x) = x Phi(x), Phi(-1) = 0.158655, Phi(5) = 1 - 3e-7.
  expect_near(fusion->forward(concat_parts()).vector, rows({1 - 3 * 0.158655, 16, 0}, 1), 1e-5);
}

TEST(VectorConcat, DropsValuesInTrainingOnly) {
  const auto fusion = fusion_of("{kind: vector_concat, head: linear, dropout: 0.5}", 1);
  const auto run = [&] { return fusion->forward(concat_parts()).vector; };
  bool differs = false;
  for (int i = 0; i < 20 && !differs; ++i) differs = !at::equal(run(), run());
  EXPECT_TRUE(differs);
  fusion->eval();
  EXPECT_TRUE(at::equal(run(), run()));
}

}  // namespace
}  // namespace braid
