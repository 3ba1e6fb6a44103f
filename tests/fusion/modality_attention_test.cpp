// Weights and vectors of the three scores, worked by hand.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "tests/fusion/parts.h"

namespace braid {
namespace {

const std::vector<std::string> kThree = {"a", "b", "c"};

std::vector<double> softmax(const std::vector<double>& scores) {
  double sum = 0;
  std::vector<double> weights;
  for (const double s : scores) sum += std::exp(s);
  for (const double s : scores) weights.push_back(std::exp(s) / sum);
  return weights;
}

// One sample of three vectors: (1, 0), (1, 1), (0, 2).
std::vector<Embedding> attention_parts(int64_t c_present = 1) {
  return {vector_part(rows({1, 0}, 2), {1}), vector_part(rows({1, 1}, 2), {1}),
          vector_part(rows({0, 2}, 2), {c_present})};
}

TEST(ModalityAttention, DotScoresAreMeansOfProductsWithTheOthers) {
  // <a,b> = 1, <a,c> = 0, <b,c> = 2: s = ((1+0)/2, (1+2)/2, (0+2)/2) = (0.5, 1.5, 1).
  const auto out = fusion_of("{kind: modality_attention, score: dot}", 2, kThree)
                       ->forward(attention_parts());
  const auto alpha = softmax({0.5, 1.5, 1});
  expect_near(out.weights, rows(alpha, 3));
  expect_near(out.vector, rows({alpha[0] + alpha[1], alpha[1] + 2 * alpha[2]}, 2));
}

TEST(ModalityAttention, AnAbsentModalityLeavesTheMeanAndTheSoftmax) {
  // Without c: s = (1, 1).
  const auto out = fusion_of("{kind: modality_attention, score: dot}", 2, kThree)
                       ->forward(attention_parts(0));
  expect_near(out.weights, rows({0.5, 0.5, 0}, 3));
  expect_near(out.vector, rows({1, 0.5}, 2));
}

TEST(ModalityAttention, ScaledDotIsNotSymmetric) {
  const auto fusion =
      fusion_of("{kind: modality_attention, score: scaled_dot, hidden: 4}", 2, kThree);
  // q = (h_1, h_2, 0, 0), k = (h_2, 0, 0, h_1): <q_i, k_j> = h_i1 h_j2, over sqrt 4.
  set(*fusion, "query.weight", rows({1, 0, 0, 1, 0, 0, 0, 0}, 2));
  set(*fusion, "key.weight", rows({0, 1, 0, 0, 0, 0, 1, 0}, 2));
  // a = (1,0): b gives 1, c gives 2. b = (1,1): a gives 0, c gives 2. c = (0,2): 0, 0.
  const auto alpha = softmax({(1 + 2) / 2.0 / 2, (0 + 2) / 2.0 / 2, 0});
  const auto out = fusion->forward(attention_parts());
  expect_near(out.weights, rows(alpha, 3));
  expect_near(out.vector, rows({alpha[0] + alpha[1], alpha[1] + 2 * alpha[2]}, 2));
}

TEST(ModalityAttention, AdditiveScoresGoThroughTanh) {
  const auto fusion =
      fusion_of("{kind: modality_attention, score: additive, hidden: 2}", 2, kThree);
  // W_q h = (h_1, h_2), W_k h = (h_2, 0), v = (1, -2).
  set(*fusion, "query.weight", rows({1, 0, 0, 1}, 2));
  set(*fusion, "key.weight", rows({0, 1, 0, 0}, 2));
  set(*fusion, "score", at::tensor({1., -2.}, at::kFloat));
  const auto score = [](double q1, double q2, double k1) {
    return std::tanh(q1 + k1) - 2 * std::tanh(q2);
  };
  // k1 of a, b, c: 0, 1, 2.
  const auto alpha = softmax({(score(1, 0, 1) + score(1, 0, 2)) / 2,    // a against b, c
                              (score(1, 1, 0) + score(1, 1, 2)) / 2,    // b against a, c
                              (score(0, 2, 0) + score(0, 2, 1)) / 2});  // c against a, b
  const auto out = fusion->forward(attention_parts());
  expect_near(out.weights, rows(alpha, 3));
  expect_near(out.vector, rows({alpha[0] + alpha[1], alpha[1] + 2 * alpha[2]}, 2));
}

TEST(ModalityAttention, UnitVectorsScoreByCosine) {
  // cos(a,b) = 1/sqrt 2, cos(a,c) = 0, cos(b,c) = 1/sqrt 2.
  const double r = 1 / std::sqrt(2.0);
  const auto out = fusion_of("{kind: modality_attention, score: dot, unit: true}", 2, kThree)
                       ->forward(attention_parts());
  const auto alpha = softmax({r / 2, r, r / 2});
  expect_near(out.weights, rows(alpha, 3));
  expect_near(out.vector, rows({alpha[0] + r * alpha[1], r * alpha[1] + alpha[2]}, 2));
}

TEST(ModalityAttention, ALoneModalityHasWeightOneAndNoneGivesZeros) {
  for (const char* score : {"dot", "scaled_dot", "additive"}) {
    const auto fusion =
        fusion_of("{kind: modality_attention, score: " + std::string(score) + "}", 2);
    const auto out = fusion->forward({vector_part(rows({3, 4, 9, 9}, 2), {1, 0}),
                                      vector_part(rows({9, 9, 9, 9}, 2), {0, 0})});
    EXPECT_TRUE(at::equal(out.weights, rows({1, 0, 0, 0}, 2))) << score;
    EXPECT_TRUE(at::equal(out.vector, rows({3, 4, 0, 0}, 2))) << score;
  }
}

TEST(ModalityAttention, TwoModalitiesAreAveragedByDot) {
  const auto out = fusion_of("{kind: modality_attention, score: dot}", 2)
                       ->forward({vector_part(rows({3, 4}, 2), {1}),
                                  vector_part(rows({-1, 60}, 2), {1})});
  expect_near(out.weights, rows({0.5, 0.5}, 2), 0);
}

}  // namespace
}  // namespace braid
