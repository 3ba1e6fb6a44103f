// feature_concat, feature_map, bottleneck: values worked by hand, and laws.
//
// Blocks whose branches end in zeros leave their input as it is, so that only the last LayerNorm
// stands between tokens and result. Far below its epsilon that norm is linear: of (u, v) it makes
// (u - v, v - u) / (2 sqrt(epsilon)). Hence the tiny tokens here.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "tests/fusion/parts.h"

namespace braid {
namespace {

constexpr double kTiny = 1e-8;
// What the norm lacks of linear, u^3 kTiny^2 / (8 epsilon), for u below 100.
constexpr double kNearLinear = 1e-5;

// Rows (u, 0): the norm makes (u, -u) of them under the scale of `plain_fusion`.
at::Tensor step_values(const std::vector<std::vector<double>>& samples) {
  std::vector<at::Tensor> rows;
  for (const auto& sample : samples) rows.push_back(at::tensor(sample, at::kDouble));
  const auto u = at::stack(rows);
  return at::stack({u, at::zeros_like(u)}, 2) * kTiny;  // [B, T, 2]
}

at::Tensor mask_of(std::vector<int64_t> flags, int64_t width) {
  return present_of(std::move(flags)).view({-1, width});
}

// Branches end in zeros, learned vectors are zeros, norms undo the tiny scale.
std::shared_ptr<Fusion> plain_fusion(const std::string& yaml,
                                     std::vector<std::string> fields = {"a", "b"}) {
  const auto fusion = fusion_of(yaml, 2, std::move(fields));
  fusion->eval();
  fusion->to(at::kDouble);
  const at::NoGradGuard no_grad;
  for (auto [name, parameter] : fusion->named_parameters()) {
    if (name.ends_with("norm.weight")) {
      parameter.fill_(2 * std::sqrt(1e-5) / kTiny);
    } else {
      parameter.zero_();
    }
  }
  return fusion;
}

void expect_first(const Fused& got, std::vector<double> want) {
  const auto u = at::tensor(want, at::kDouble);
  expect_near(got.vector, at::stack({u, -u}, 1), kNearLinear);
}

// Both, a alone, none; the second step of a is padding in the first sample.
std::vector<Embedding> sequence_parts() {
  return {token_part(step_values({{1, 50, 2}, {3, 4, 8}, {9, 9, 9}}),
                     mask_of({1, 0, 1, 1, 1, 1, 1, 1, 1}, 3), present_of({1, 1, 0})),
          token_part(step_values({{6}, {9}, {9}}), mask_of({1, 1, 1}, 1), present_of({1, 0, 0}))};
}

TEST(FeatureConcat, IsTheMeanOverAllRealTokensOfAllFields) {
  // (1 + 2 + 6) / 3; (3 + 4 + 8) / 3
  const auto fusion = plain_fusion("{kind: feature_concat, heads: 1}");
  expect_first(fusion->forward(sequence_parts()), {3, 5, 0});
}

TEST(FeatureConcat, AddsVectorsOfModalityAndPosition) {
  const auto fusion = plain_fusion("{kind: feature_concat, heads: 1, positions: 2}");
  set(*fusion, "modality.a", at::tensor({10., 0.}, at::kDouble) * kTiny);
  set(*fusion, "modality.b", at::tensor({0., 1.}, at::kDouble) * kTiny);
  set(*fusion, "position.a", at::tensor({1., 0., 4., 0.}, at::kDouble).view({2, 2}) * kTiny);
  // Positions 0, 1, 1 of a: 1, 4, 4. First: (1 + 11) + (2 + 14) + (6 - 1), second: 15 + 30 + 9.
  expect_first(fusion->forward(sequence_parts()), {11, 18, 0});
}

TEST(FeatureConcat, AClassTokenSeesTheFieldsThroughAttentionAlone) {
  const auto fusion = plain_fusion("{kind: feature_concat, heads: 1, depth: 1, pooling: class}");
  set(*fusion, "class", at::tensor({7., 0.}, at::kDouble) * kTiny);
  expect_first(fusion->forward(sequence_parts()), {7, 7, 0});
  // Values are tokens themselves: input and norm undo the scale, and queries of zeros look at all
  // alike. The class token is 7 + the mean over itself and the real tokens.
  auto value = at::zeros({6, 2}, at::kDouble);
  value[4][0] = 1;
  set(*fusion, "trunk.0.attention.input.weight", value);
  set(*fusion, "trunk.0.attention_norm.weight", at::full({2}, 2 * std::sqrt(1e-5), at::kDouble));
  auto output = at::zeros({2, 2}, at::kDouble);
  output[0][0] = 1;
  set(*fusion, "trunk.0.attention.output.weight", output);
  expect_first(fusion->forward(sequence_parts()),
               {7 + (7 + 1 + 2 + 6) / 4.0, 7 + (7 + 3 + 4 + 8) / 4.0, 0});
}

class FeatureMapOf : public testing::TestWithParam<const char*> {
 protected:
  // join makes first values u = a + 10 b of the first values of both.
  static std::shared_ptr<Fusion> make(int64_t length) {
    const auto fusion =
        plain_fusion("{kind: feature_map, heads: 1, network: " + std::string(GetParam()) +
                     ", length: " + std::to_string(length) + "}");
    set(*fusion, "join.weight",
        at::tensor({1., 0., 10., 0., 0., 0., 0., 0.}, at::kDouble).view({2, 4}));
    return fusion;
  }
};

TEST_P(FeatureMapOf, AveragesEverySequenceOverStretchesOfItsRealTokens) {
  const auto fusion = make(2);
  set(*fusion, "missing.b", at::tensor({-5., 0.}, at::kDouble) * kTiny);
  // First: a has real tokens 1, 2, one a stretch: (1, 2); b: 6, 6. Second: stretches of 3 tokens
  // share the middle one: (3.5, 6); b is missing: -5, -5.
  expect_first(fusion->forward(sequence_parts()), {1.5 + 60, 4.75 - 50, 0});
}

TEST_P(FeatureMapOf, OfOneStepIsTheMeanOfEach) {
  expect_first(make(1)->forward(sequence_parts()), {1.5 + 60, 5, 0});
}

TEST_P(FeatureMapOf, PositionsTellStretchesApart) {
  const auto fusion = make(3);
  set(*fusion, "position",
      at::tensor({3., 0., 0., 1., 0., 0.}, at::kDouble).view({3, 2}) * kTiny);  // 3, -1, 0
  // Three stretches of the tokens 3, 4, 8 are themselves; of 1, 2 they are (1), (1, 2), (2).
  expect_first(fusion->forward(sequence_parts()), {1.5 + 60 + 2 / 3.0, 5 + 2 / 3.0, 0});
}

INSTANTIATE_TEST_SUITE_P(Networks, FeatureMapOf, testing::Values("mixer", "transformer"));

TEST(Bottleneck, IsTheMeanOverPresentFieldsOfTheMeanOfTheirTokens) {
  // (1.5 + 6) / 2; a alone: 5.
  const auto fusion = plain_fusion("{kind: bottleneck, heads: 1}");
  expect_first(fusion->forward(sequence_parts()), {3.75, 5, 0});
}

struct RandomParts {
  Embedding a, b;
};

RandomParts random_parts() {
  const auto generator = at::detail::createCPUGenerator(2);
  const auto part = [&](int64_t count) {
    return token_part(at::randn({2, count, 4}, generator), at::ones({2, count}, at::kBool),
                      present_of({1, 1}));
  };
  return {part(3), part(2)};
}

Embedding absent(Embedding part) {
  part.present = present_of({0, 0});
  return part;
}

// Nothing has passed between fields after one block: each reads the same first shared tokens.
TEST(Bottleneck, FieldsExchangeFromTheSecondBlockOn) {
  for (const int64_t depth : {1, 2}) {
    torch::manual_seed(1);
    const auto fusion =
        fusion_of("{kind: bottleneck, heads: 2, depth: " + std::to_string(depth) + "}", 4);
    fusion->eval();
    const auto [a, b] = random_parts();
    const auto both = fusion->forward({a, b}).vector;
    const auto apart =
        (fusion->forward({a, absent(b)}).vector + fusion->forward({absent(a), b}).vector) / 2;
    const double difference = (both - apart).abs().max().item<double>();
    if (depth == 1) {
      EXPECT_LT(difference, 1e-5);
    } else {
      EXPECT_GT(difference, 1e-3);
    }
  }
}

// Two fields with equal weights and tokens make equal shared tokens: their mean is either.
TEST(Bottleneck, SharedTokensAreAveraged) {
  torch::manual_seed(1);
  const auto fusion = fusion_of("{kind: bottleneck, heads: 2, depth: 3}", 4);
  fusion->eval();
  for (const auto& [name, parameter] : fusion->named_parameters()) {
    const auto at = name.find("stream.a.");
    if (at != std::string::npos) set(*fusion, "stream.b." + name.substr(at + 9), parameter);
  }
  const auto a = random_parts().a;
  expect_near(fusion->forward({a, a}).vector, fusion->forward({a, absent(a)}).vector, 1e-5);
}

}  // namespace
}  // namespace braid
