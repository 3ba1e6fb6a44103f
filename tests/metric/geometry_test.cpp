#include <gtest/gtest.h>

#include <cmath>

#include "braid/core/error.h"
#include "braid/metric/metric.h"
#include "tests/metric/embeddings.h"

namespace braid {
namespace {

using metric_test::random_unit_rows;
using metric_test::rows;

constexpr double kFloat = 1e-6;  // float32 scores

TEST(ModalityGap, IsTheDistanceOfTheMeans) {
  // Means (0.5, 0.5) and (-0.5, 0.5).
  EXPECT_NEAR(modality_gap(rows(2, {1, 0, 0, 1}), rows(2, {-1, 0, 0, 1})), 1.0, kFloat);
  // Sets of different size: means (1, 0) and (0, 0).
  EXPECT_NEAR(modality_gap(rows(2, {1, 0}), rows(2, {1, 0, -1, 0})), 1.0, kFloat);
}

TEST(ModalityGap, IsSymmetricAndZeroForTheSameSet) {
  const auto a = random_unit_rows(50, 8, 1);
  const auto b = random_unit_rows(40, 8, 2);
  EXPECT_DOUBLE_EQ(modality_gap(a, b), modality_gap(b, a));
  EXPECT_EQ(modality_gap(a, a), 0.0);
}

TEST(AlignmentDistance, IsTheMeanSquareOfTruePairs) {
  // Pairs at distance 0 and at distance 2.
  EXPECT_NEAR(alignment_distance(rows(2, {1, 0, 0, 1}), rows(2, {1, 0, 0, -1})), 2.0, kFloat);
  EXPECT_THROW(alignment_distance(rows(2, {1, 0}), rows(2, {1, 0, 0, 1})), Error);
}

TEST(Uniformity, EqualsTheHandWorkedPotential) {
  EXPECT_NEAR(uniformity(rows(2, {1, 0, -1, 0})), -8.0, kFloat);  // log exp(-2 * 4)
  // Squared distances 2, 2 and 4.
  EXPECT_NEAR(uniformity(rows(2, {1, 0, 0, 1, -1, 0})),
              std::log((2 * std::exp(-4.0) + std::exp(-8.0)) / 3), kFloat);
}

TEST(Uniformity, IsZeroWhenAllCollapseAndLowerWhenSpread) {
  EXPECT_NEAR(uniformity(rows(2, {1, 0, 1, 0, 1, 0})), 0.0, kFloat);
  // For large widths all distances tend to sqrt 2: log exp(-4).
  EXPECT_NEAR(uniformity(random_unit_rows(300, 256, 1)), -4.0, 0.05);
  EXPECT_THROW(uniformity(rows(2, {1, 0})), Error);
}

}  // namespace
}  // namespace braid
