// What every fusion of all.def must hold to, in the variants of small_recipes.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <map>

#include "braid/core/error.h"
#include "tests/fusion/parts.h"

namespace braid {
namespace {

constexpr int64_t kWidth = 8, kBatch = 6;
const std::vector<std::string> kFields = {"a", "b", "c"};
constexpr int64_t kFieldCount = 3;
constexpr int64_t kNothing = 3;  // the sample that carries no field

// Small members, and more than one of those whose keys choose another formula.
std::vector<std::string> small_recipes() {
  std::vector<std::string> all = {
      "{kind: sum, unit: true",
      "{kind: mean, unit: true",
      "{kind: product, unit: true",
      "{kind: vector_concat, head: none",
      "{kind: vector_concat, head: linear, missing: learned",
      "{kind: modality_attention, score: dot",
      "{kind: modality_attention, score: additive, hidden: 5, unit: true",
      "{kind: gated, gate: sigmoid",
      "{kind: bilinear, form: mfb, factors: 2",
      "{kind: deep_set, pooling: mean, hidden: 10, modality: true",
      "{kind: feature_concat, depth: 1, heads: 2, pooling: class, positions: 0",
      "{kind: feature_map, network: transformer, length: 3, depth: 1, heads: 2",
  };
  const std::map<std::string, std::string> smaller = {
      {"vector_concat", ", hidden: 10"},
      {"modality_attention", ", hidden: 5"},
      {"low_rank_tensor", ", rank: 2"},
      {"bilinear", ", hidden: 5"},
      {"deep_set", ", hidden: 10"},
      {"film", ", condition: b"},
      {"feature_concat", ", heads: 2, positions: 3"},
      {"feature_map", ", length: 3"},
      {"bottleneck", ", heads: 2, tokens: 2"},
  };
#define BRAID_FUSION(name, Config, help) \
  all.push_back("{kind: " #name + (smaller.contains(#name) ? smaller.at(#name) : ""));
#include "braid/fusion/all.def"
#undef BRAID_FUSION
  return all;
}

// Those that treat all fields alike: the order of the parts does not matter to them at all.
bool takes_fields_alike(const std::string& recipe) {
  if (recipe.find("modality: true") != std::string::npos) return false;
  for (const char* kind : {"sum", "mean", "product", "modality_attention", "deep_set"}) {
    if (recipe.find("kind: " + std::string(kind)) == 1) return true;
  }
  return false;
}

// [B, M]: every subset from all three to none.
at::Tensor presence() {
  return at::tensor({1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1}, at::kLong)
      .view({kBatch, kFieldCount})
      .to(at::kBool);
}

// Token sequences of other lengths and masks; rows of absent samples hold `garbage`.
std::vector<Embedding> make_parts(at::ScalarType type = at::kFloat, double garbage = 7) {
  const auto generator = at::detail::createCPUGenerator(3);
  std::vector<Embedding> parts;
  for (int64_t m = 0; m < kFieldCount; ++m) {
    const int64_t steps = 4 - m;
    const auto present = presence().select(1, m);
    const auto absent = present.logical_not();
    auto tokens = at::randn({kBatch, steps, kWidth}, generator, type);
    auto pooled = at::randn({kBatch, kWidth}, generator, type);
    tokens = tokens.masked_fill(absent.view({kBatch, 1, 1}), garbage);
    pooled = pooled.masked_fill(absent.view({kBatch, 1}), garbage);
    auto mask = at::ones({kBatch, steps}, at::kBool);
    if (m != 1) mask[0][steps - 1].fill_(false);
    parts.push_back({{tokens, Segments::of_mask(mask)}, pooled, present});
  }
  return parts;
}

std::vector<Embedding> picked(const std::vector<Embedding>& parts, const at::Tensor& rows) {
  std::vector<Embedding> made;
  for (const auto& part : parts) {
    const auto& segments = part.tokens.segments;
    const auto mask = segments.mask().defined()
                          ? segments.mask()
                          : at::ones({segments.count(), segments.steps()}, at::kBool);
    made.push_back({{part.tokens.values.index_select(0, rows),
                     Segments::of_mask(mask.index_select(0, rows))},
                    part.pooled.index_select(0, rows),
                    part.present.index_select(0, rows)});
  }
  return made;
}

// Gradients from here on: to the tokens where they are read, else to the pooled vectors.
std::vector<at::Tensor> require_gradients(const Fusion& fusion, std::vector<Embedding>* parts) {
  std::vector<at::Tensor> inputs;
  for (auto& part : *parts) {
    auto& input = fusion.reads_tokens() ? part.tokens.values : part.pooled;
    input.set_requires_grad(true);
    inputs.push_back(input);
  }
  return inputs;
}

class FusionContract : public testing::TestWithParam<std::string> {
 protected:
  static std::shared_ptr<Fusion> make(uint64_t seed = 5, std::vector<std::string> fields = kFields,
                                      const std::string& more = "}") {
    torch::manual_seed(seed);
    return fusion_of(GetParam() + more, kWidth, std::move(fields));
  }
  static std::shared_ptr<Fusion> make_eval(uint64_t seed = 5,
                                           std::vector<std::string> fields = kFields) {
    const auto fusion = make(seed, std::move(fields));
    fusion->eval();
    return fusion;
  }
  // Away from zero biases, and off the start where one parameter hides another.
  static void shake(const Fusion& fusion) {
    const at::NoGradGuard no_grad;
    const auto generator = at::detail::createCPUGenerator(4);
    for (const auto& parameter : fusion.parameters())
      parameter.add_(0.3 * at::randn(parameter.sizes(), generator, parameter.options()));
  }
};

TEST_P(FusionContract, GivesTheWidthItPromisesAndFiniteNumbers) {
  const auto fusion = make();
  const auto out = fusion->forward(make_parts());
  EXPECT_EQ(out.vector.sizes(), (std::vector<int64_t>{kBatch, fusion->width()}));
  EXPECT_TRUE(out.vector.isfinite().all().item<bool>());
  EXPECT_GE(fusion->flops(), 0);
  EXPECT_GE(fusion->flops({30, 20, 10}), fusion->flops());
}

TEST_P(FusionContract, GivesZerosToASampleThatCarriesNothing) {
  const auto fusion = make();
  shake(*fusion);
  const auto out = fusion->forward(make_parts());
  EXPECT_EQ(out.vector[kNothing].abs().max().item<double>(), 0);
  for (int64_t i = 0; i < kBatch; ++i) {
    if (i == kNothing) continue;
    EXPECT_GT(out.vector[i].abs().max().item<double>(), 0) << i;
  }
}

TEST_P(FusionContract, GivesZerosToABatchThatCarriesNothing) {
  const auto fusion = make();
  const auto rows = at::tensor({kNothing, kNothing}, at::kLong);
  const auto vector = fusion->forward(picked(make_parts(), rows)).vector;
  expect_near(vector, at::zeros({2, fusion->width()}), 0);
}

TEST_P(FusionContract, WeightsSumToOneOverThePresent) {
  const auto weights = make_eval()->forward(make_parts()).weights;
  if (!weights.defined()) return;  // the method has none
  ASSERT_EQ(weights.sizes(), (std::vector<int64_t>{kBatch, kFieldCount}));
  EXPECT_EQ(weights.masked_select(presence().logical_not()).abs().max().item<double>(), 0);
  EXPECT_GT(weights.masked_select(presence()).min().item<double>(), 0);
  expect_near(weights.sum(1), presence().any(1).to(at::kFloat));
}

TEST_P(FusionContract, SendsAGradientToEveryParameterAndEveryField) {
  const auto fusion = make_eval();
  shake(*fusion);
  auto parts = make_parts(at::kFloat, std::numeric_limits<double>::quiet_NaN());
  const auto inputs = require_gradients(*fusion, &parts);
  const auto vector = fusion->forward(parts).vector;
  (vector * at::randn(vector.sizes(), at::detail::createCPUGenerator(1))).sum().backward();
  for (const auto& [name, parameter] : fusion->named_parameters()) {
    ASSERT_TRUE(parameter.grad().defined()) << name;
    EXPECT_GT(parameter.grad().abs().max().item<double>(), 0) << name;
    EXPECT_TRUE(parameter.grad().isfinite().all().item<bool>()) << name;
  }
  for (size_t m = 0; m < inputs.size(); ++m) {
    const auto gradient = inputs[m].grad().flatten(1).abs().amax(1);  // [B]
    EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << kFields[m];
    const auto present = parts[m].present;
    EXPECT_GT(gradient.masked_select(present).max().item<double>(), 0) << kFields[m];
    EXPECT_EQ(gradient.masked_select(present.logical_not()).max().item<double>(), 0) << kFields[m];
  }
}

TEST_P(FusionContract, WhatAnAbsentPartHoldsChangesNothing) {
  const auto fusion = make_eval();
  shake(*fusion);
  const auto want = fusion->forward(make_parts(at::kFloat, 0));
  for (const double garbage : {-1e9, std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity()}) {
    const auto got = fusion->forward(make_parts(at::kFloat, garbage));
    EXPECT_TRUE(at::equal(got.vector, want.vector)) << garbage;
    ASSERT_EQ(got.weights.defined(), want.weights.defined());
    if (want.weights.defined()) {
      EXPECT_TRUE(at::equal(got.weights, want.weights)) << garbage;
    }
  }
}

TEST_P(FusionContract, PermutingTheBatchPermutesTheResult) {
  const auto fusion = make_eval();
  const auto order = at::tensor({2, 0, 5, 1, 4, 3}, at::kLong);
  const auto want = fusion->forward(make_parts());
  const auto got = fusion->forward(picked(make_parts(), order));
  expect_near(got.vector, want.vector.index_select(0, order), 1e-5);
  if (want.weights.defined()) expect_near(got.weights, want.weights.index_select(0, order), 1e-5);
}

TEST_P(FusionContract, ASampleDoesNotDependOnItsNeighbours) {
  const auto fusion = make_eval();
  const auto all = fusion->forward(make_parts()).vector;
  for (int64_t i = 0; i < kBatch; ++i) {
    const auto alone = fusion->forward(picked(make_parts(), at::tensor({i}, at::kLong)));
    expect_near(alone.vector, all.narrow(0, i, 1), 1e-5);
  }
}

// Parameters go by the names of fields. Those that read the fields side by side, [out, M D] and
// [out, M D + M], have the columns of a field where its vector is.
at::Tensor columns_in_order(const at::Tensor& weight, const std::vector<int64_t>& order) {
  constexpr int64_t kJoined = kFieldCount * kWidth;
  if (weight.dim() != 2 ||
      (weight.size(1) != kJoined && weight.size(1) != kJoined + kFieldCount)) {
    return weight;
  }
  std::vector<int64_t> columns;
  for (const int64_t m : order) {
    for (int64_t i = 0; i < kWidth; ++i) columns.push_back(m * kWidth + i);
  }
  if (weight.size(1) > kJoined) {
    for (const int64_t m : order) columns.push_back(kJoined + m);
  }
  return weight.index_select(1, at::tensor(columns, at::kLong));
}

TEST_P(FusionContract, PermutingTheFieldsWithTheirParametersChangesNothing) {
  const std::vector<int64_t> order = {2, 0, 1};
  const auto fusion = make_eval(5), other = make_eval(6, {"c", "a", "b"});
  const auto by_name = fusion->named_parameters();
  for (auto [name, parameter] : other->named_parameters()) {
    const at::NoGradGuard no_grad;
    const auto same = std::find_if(by_name.begin(), by_name.end(),
                                   [&](const auto& known) { return known.first == name; });
    ASSERT_NE(same, by_name.end()) << name;
    parameter.copy_(columns_in_order(same->second, order));
  }
  const auto parts = make_parts();
  const auto want = fusion->forward(parts), got = other->forward({parts[2], parts[0], parts[1]});
  const auto places = at::tensor(order, at::kLong);
  if (want.vector.size(1) == kWidth) {
    expect_near(got.vector, want.vector, 1e-5);
  } else {  // the joined vector itself
    expect_near(got.vector, columns_in_order(want.vector, order), 1e-5);
  }
  if (want.weights.defined()) expect_near(got.weights, want.weights.index_select(1, places), 1e-5);
}

TEST_P(FusionContract, TakesFieldsInAnyOrderWhereItTreatsThemAlike) {
  if (!takes_fields_alike(GetParam())) return;
  const auto fusion = make_eval();
  const auto parts = make_parts();
  const auto want = fusion->forward(parts).vector;
  expect_near(fusion->forward({parts[2], parts[0], parts[1]}).vector, want, 1e-5);
}

TEST_P(FusionContract, SameSeedSameBits) {
  const auto run = [&] {
    const auto fusion = make();
    torch::manual_seed(9);
    auto parts = make_parts();
    require_gradients(*fusion, &parts);
    const auto vector = fusion->forward(parts).vector;
    vector.square().sum().backward();
    std::vector<at::Tensor> result = {vector};
    for (const auto& parameter : fusion->parameters()) {
      result.push_back(parameter);
      result.push_back(parameter.grad());
    }
    return result;
  };
  const auto once = run(), again = run();
  ASSERT_EQ(once.size(), again.size());
  for (size_t i = 0; i < once.size(); ++i) {
    if (!once[i].defined()) continue;
    EXPECT_TRUE(at::equal(once[i], again[i])) << i;
  }
}

TEST_P(FusionContract, EvalIsPure) {
  const auto fusion = make_eval();
  const auto parts = make_parts();
  EXPECT_TRUE(at::equal(fusion->forward(parts).vector, fusion->forward(parts).vector));
}

TEST_P(FusionContract, SavedStateGivesTheSameVectors) {
  const auto from = make_eval(5), to = make_eval(6);
  const auto parts = make_parts();
  const auto want = from->forward(parts).vector;
  EXPECT_EQ(at::equal(to->forward(parts).vector, want), from->parameters().empty());
  const at::NoGradGuard no_grad;
  const auto source = from->named_parameters(), target = to->named_parameters();
  EXPECT_TRUE(from->named_buffers().empty());
  ASSERT_EQ(source.size(), target.size());
  for (size_t i = 0; i < source.size(); ++i) {
    ASSERT_EQ(source[i].first, target[i].first);
    target[i].second.copy_(source[i].second);
  }
  EXPECT_TRUE(at::equal(to->forward(parts).vector, want));
}

TEST_P(FusionContract, FiniteDifferencesAgreeWithTheGradient) {
  const auto fusion = make_eval();
  fusion->to(at::kDouble);
  shake(*fusion);
  const auto generator = at::detail::createCPUGenerator(8);
  auto parts = make_parts(at::kDouble, 0);
  auto varied = fusion->named_parameters();
  const auto inputs = require_gradients(*fusion, &parts);
  for (size_t m = 0; m < inputs.size(); ++m) varied.emplace_back("part " + kFields[m], inputs[m]);
  const auto weights = at::randn({kBatch, fusion->width()}, generator, at::kDouble);
  const auto loss = [&] { return (fusion->forward(parts).vector * weights).sum(); };
  loss().backward();
  const at::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (const auto& [name, tensor] : varied) {
    const auto direction = at::randn(tensor.sizes(), generator, at::kDouble);
    const double want = (tensor.grad() * direction).sum().item<double>();
    tensor.add_(direction, kStep);
    const double high = loss().item<double>();
    tensor.sub_(direction, 2 * kStep);
    const double low = loss().item<double>();
    tensor.add_(direction, kStep);
    // Central differences: error of the order of step^2, and 1e-16 / step of rounding.
    EXPECT_NEAR((high - low) / (2 * kStep), want, 1e-6 * (1 + std::abs(want))) << name;
  }
}

TEST_P(FusionContract, ALoneFieldIsFusedOrRefusedByName) {
  try {
    const auto fusion = make(5, {"b"});
    fusion->eval();
    const auto vector = fusion->forward({make_parts()[1]}).vector;
    EXPECT_EQ(vector.size(1), fusion->width());
    EXPECT_GT(vector[0].abs().max().item<double>(), 0);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    EXPECT_NE(std::string(error.what()).find("two fields or more, got 1"), std::string::npos)
        << error.what();
  }
}

TEST_P(FusionContract, AFieldWithoutTokensIsOneToken) {
  const auto fusion = make_eval();
  auto without = make_parts(), with = make_parts();
  without[1].tokens = {};
  with[1].tokens = {with[1].pooled.unsqueeze(1), Segments::uniform(kBatch, 1)};
  EXPECT_TRUE(at::equal(fusion->forward(without).vector, fusion->forward(with).vector));
}

TEST_P(FusionContract, PaddingChangesNothing) {
  const auto fusion = make_eval();
  auto longer = make_parts();
  for (auto& part : longer) {
    const auto& segments = part.tokens.segments;
    const auto mask = segments.mask().defined()
                          ? segments.mask()
                          : at::ones({segments.count(), segments.steps()}, at::kBool);
    const auto blank = at::full({kBatch, 2, kWidth}, std::numeric_limits<float>::quiet_NaN());
    const auto none = at::zeros({kBatch, 2}, at::kBool);
    part.tokens = {at::cat({part.tokens.values, blank}, 1),
                   Segments::of_mask(at::cat({mask, none}, 1))};
  }
  expect_near(fusion->forward(longer).vector, fusion->forward(make_parts()).vector, 1e-5);
}

TEST_P(FusionContract, TokensMayLieAsRowsWithoutPadding) {
  const auto fusion = make_eval();
  auto packed = make_parts();
  for (auto& part : packed)
    part.tokens.values = part.tokens.segments.pack(part.tokens.values);
  expect_near(fusion->forward(packed).vector, fusion->forward(make_parts()).vector, 1e-6);
}

TEST_P(FusionContract, AWrongKeyNamesItsLine) {
  try {
    make(5, kFields, ",\n  colour: red}");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    EXPECT_NE(std::string(error.what()).find("r.yaml:2:11"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("colour"), std::string::npos) << error.what();
  }
}

TEST_P(FusionContract, RefusesPartsThatDoNotFit) {
  const auto fusion = make();
  const auto refused = [&](const std::vector<Embedding>& parts, const std::string& words) {
    try {
      fusion->forward(parts);
      FAIL() << "accepted: " << words;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kShape);
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  };
  auto few = make_parts(), narrow = make_parts(), short_batch = make_parts(), flags = make_parts();
  few.pop_back();
  refused(few, "expected 3 parts, got 2");
  narrow[1].pooled = narrow[1].pooled.narrow(1, 0, 7);
  refused(narrow, "field b: expected pooled [6, 8], got [6, 7]");
  short_batch[2].pooled = short_batch[2].pooled.narrow(0, 0, 5);
  refused(short_batch, "field c: expected pooled [6, 8], got [5, 8]");
  flags[0].present = flags[0].present.to(at::kFloat);
  refused(flags, "field a: expected present [6] of bool");
  if (!fusion->reads_tokens()) return;
  auto tokens = make_parts();
  tokens[1].tokens.values = tokens[1].tokens.values.narrow(2, 0, 7);
  refused(tokens, "field b: expected tokens of 6 samples, 8 wide");
}

TEST(Fusion, UnknownKindsAreRefusedByNameAndPlace) {
  const auto refused = [](const std::string& yaml, const std::string& words,
                          std::vector<std::string> fields = kFields) {
    try {
      fusion_of(yaml, kWidth, std::move(fields));
      FAIL() << "accepted " << yaml;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kConfig);
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  };
  refused("kind: summ", "r.yaml:1:7: unknown fusion 'summ'");
  refused("kind: summ", "'sum'");
  refused("unit: true", "r.yaml:1:1: a fusion needs a kind: one of feature_concat, feature_map");
  refused("kind: sum", "needs a field", {});
}

INSTANTIATE_TEST_SUITE_P(AllDef, FusionContract, testing::ValuesIn(small_recipes()),
                         [](const auto& test) {
                           std::string name;
                           for (const char c : test.param) name += std::isalnum(c) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace braid
