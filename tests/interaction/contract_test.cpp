// What every interaction of all.def must hold to.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include <torch/types.h>

#include "braid/core/error.h"
#include "braid/interaction/interaction.h"
#include "tests/interaction/parts.h"

namespace braid {
namespace {

void expect_near(const at::Tensor& a, const at::Tensor& b, double tolerance = 1e-5) {
  ASSERT_EQ(a.sizes(), b.sizes());
  if (a.numel() == 0) return;
  EXPECT_LE((a - b).abs().max().item<double>(), tolerance);
}

void expect_near(const std::vector<Embedding>& a, const std::vector<Embedding>& b,
                 double tolerance = 1e-5) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    expect_near(a[i].pooled, b[i].pooled, tolerance);
    expect_near(a[i].tokens.padded(), b[i].tokens.padded(), tolerance);
  }
}

// A number that every element of the result moves, other weights in each.
at::Tensor weigh(const std::vector<Embedding>& parts) {
  const auto generator = at::detail::createCPUGenerator(11);
  at::Tensor sum;
  for (const auto& part : parts) {
    for (const auto& t : {part.pooled, part.tokens.padded()}) {
      const auto term = (t * at::randn(t.sizes(), generator).to(t.scalar_type())).sum();
      sum = sum.defined() ? sum + term : term;
    }
  }
  return sum;
}

class InteractionContract : public testing::TestWithParam<std::string> {
 protected:
  bool only_own() const { return GetParam().find("own") != std::string::npos; }
  bool makes_tokens() const { return GetParam().find("resampler") != std::string::npos; }
  std::shared_ptr<Interaction> make(const std::string& more = "", uint64_t seed = 5,
                                    const std::vector<std::string>& fields = kFields) const {
    torch::manual_seed(seed);
    return make_interaction(
        ConfigNode::parse("{" + GetParam() + ", depth: 2, heads: 2" + more + "}", "r.yaml"),
        {kPartWidth, fields});
  }
  std::shared_ptr<Interaction> make_still() const {
    const auto made = make();
    made->eval();
    return made;
  }
};

TEST_P(InteractionContract, KeepsWidthsAndPresenceAndChangesWhatIsThere) {
  const auto parts = sample_parts();
  const auto out = make_still()->forward(parts);
  ASSERT_EQ(out.size(), parts.size());
  for (size_t i = 0; i < out.size(); ++i) {
    EXPECT_TRUE(at::equal(out[i].present, parts[i].present));
    EXPECT_EQ(out[i].pooled.sizes(), parts[i].pooled.sizes());
    EXPECT_EQ(out[i].tokens.padded().size(2), kPartWidth);
    if (!makes_tokens()) {
      EXPECT_EQ(out[i].tokens.segments.steps(), parts[i].tokens.segments.steps());
    }
    EXPECT_GT((out[i].pooled[0] - parts[i].pooled[0]).abs().min().item<float>(), 0);
  }
}

TEST_P(InteractionContract, WhatAnAbsentPartHoldsChangesNothingAndItComesOutAsZeros) {
  const auto interaction = make_still();
  const auto parts = sample_parts();
  auto spoiled = parts;
  for (auto& part : spoiled) {
    const auto absent = part.present.logical_not();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    part.pooled = part.pooled.masked_fill(absent.unsqueeze(1), nan);
    if (part.tokens.values.dim() == 3)
      part.tokens.values = part.tokens.values.masked_fill(absent.view({kBatch, 1, 1}), nan);
  }
  const auto want = interaction->forward(parts), got = interaction->forward(spoiled);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_TRUE(at::equal(got[i].pooled, want[i].pooled));
    EXPECT_TRUE(at::equal(got[i].tokens.padded(), want[i].tokens.padded()));
    const auto absent = parts[i].present.logical_not().nonzero().squeeze(1);
    const auto nothing = picked(got[i], absent);
    EXPECT_EQ(nothing.pooled.abs().max().item<float>(), 0);
    EXPECT_EQ(nothing.tokens.rows().size(0), 0);
  }
}

TEST_P(InteractionContract, APartThatNoSampleHasIsAsGoodAsAbsentInOne) {
  const auto interaction = make_still();
  const auto parts = sample_parts();
  const auto lone = at::tensor({3, 4}, at::kLong);  // pictures alone, and nothing
  const auto out = interaction->forward(picked(parts, lone));
  expect_near(out, picked(interaction->forward(parts), lone));
  EXPECT_EQ(out[1].pooled.abs().max().item<float>(), 0);
  weigh(out).backward();
  for (const auto& parameter : interaction->parameters()) {
    if (parameter.grad().defined()) {
      EXPECT_TRUE(parameter.grad().isfinite().all().item<bool>());
    }
  }
}

TEST_P(InteractionContract, PermutingTheBatchPermutesTheResult) {
  const auto interaction = make_still();
  const auto parts = sample_parts();
  const auto order = at::tensor({3, 0, 4, 2, 1}, at::kLong);
  expect_near(interaction->forward(picked(parts, order)),
              picked(interaction->forward(parts), order));
}

TEST_P(InteractionContract, ASampleDoesNotDependOnItsNeighbours) {
  const auto interaction = make_still();
  const auto parts = sample_parts();
  const auto all = interaction->forward(parts);
  for (int64_t i = 0; i < kBatch; ++i) {
    const auto one = at::tensor({i}, at::kLong);
    expect_near(interaction->forward(picked(parts, one)), picked(all, one));
  }
}

TEST_P(InteractionContract, PaddingIsNotRead) {
  const auto interaction = make_still();
  const auto parts = sample_parts();
  auto spoiled = parts;
  const auto& text = parts[1].tokens;
  const auto padded = text.padded().masked_fill(text.mask().logical_not().unsqueeze(2),
                                                std::numeric_limits<double>::quiet_NaN());
  spoiled[1].tokens.values = padded;  // [B, T, D] with its mask
  expect_near(interaction->forward(spoiled), interaction->forward(parts), 0);
}

TEST_P(InteractionContract, APartWithoutTokensIsItsVector) {
  const auto interaction = make_still();
  auto parts = sample_parts();
  parts[2].tokens = {parts[2].pooled.unsqueeze(1), Segments::uniform(kBatch, 1)};
  const auto want = interaction->forward(parts);
  parts[2].tokens = {};
  expect_near(interaction->forward(parts), want, 0);
  if (!makes_tokens()) expect_near(want[2].tokens.padded().select(1, 0), want[2].pooled);
}

TEST_P(InteractionContract, OtherOrderOfFieldsOtherOrderOfResults) {
  const auto here = make_still(), there = make("", 6, {"sound", "image", "text"});
  there->eval();
  const auto from = here->named_parameters();
  for (auto& [name, tensor] : there->named_parameters()) {
    const auto found = std::find_if(from.begin(), from.end(),
                                    [&, &name = name](const auto& p) { return p.first == name; });
    ASSERT_NE(found, from.end()) << name;
    const at::NoGradGuard no_grad;
    tensor.copy_(found->second);
  }
  const auto p = sample_parts();
  const auto want = here->forward(p), got = there->forward({p[2], p[0], p[1]});
  expect_near({got[1], got[2], got[0]}, want);
}

TEST_P(InteractionContract, SendsAGradientToEveryParameterAndModality) {
  const auto interaction = make(", dropout: 0");
  auto parts = sample_parts();
  std::vector<at::Tensor> inputs;
  for (auto& part : parts) {
    inputs.push_back(part.pooled.requires_grad_());
    inputs.push_back(part.tokens.values.requires_grad_());
  }
  weigh(interaction->forward(parts)).backward();
  for (const auto& [name, parameter] : interaction->named_parameters()) {
    ASSERT_TRUE(parameter.grad().defined()) << name;
    EXPECT_TRUE(parameter.grad().isfinite().all().item<bool>()) << name;
    EXPECT_GT(parameter.grad().abs().max().item<double>(), 0) << name;
  }
  for (const auto& input : inputs) EXPECT_GT(input.grad().abs().max().item<double>(), 0);
}

TEST_P(InteractionContract, EachModalityIsMovedByEachOther) {
  const auto interaction = make(", dropout: 0");
  auto parts = sample_parts();
  std::vector<at::Tensor> inputs;
  for (auto& part : parts) inputs.push_back(part.tokens.values.requires_grad_());
  for (size_t i = 0; i < parts.size(); ++i) {
    for (auto& input : inputs) input.mutable_grad() = at::Tensor();
    weigh({interaction->forward(parts)[i]}).backward();
    for (size_t j = 0; j < inputs.size(); ++j) {
      const auto gradient = inputs[j].grad();
      const bool moved = gradient.defined() && gradient.abs().max().item<float>() > 1e-7;
      EXPECT_EQ(moved, i == j || !only_own()) << kFields[j] << " moves " << kFields[i];
    }
  }
}

TEST_P(InteractionContract, FiniteDifferencesAgreeWithTheGradient) {
  const auto interaction = make(", dropout: 0");
  interaction->to(at::kDouble);
  auto parts = sample_parts(at::kDouble);
  auto places = interaction->named_parameters();
  for (size_t i = 0; i < parts.size(); ++i)
    places.emplace_back(kFields[i], parts[i].tokens.values.requires_grad_());
  const auto loss = [&] { return weigh(interaction->forward(parts)); };
  loss().backward();
  const auto generator = at::detail::createCPUGenerator(4);
  const at::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (const auto& [name, place] : places) {
    const auto direction = at::randn(place.sizes(), generator, at::kDouble);
    const double want = (place.grad() * direction).sum().item<double>();
    place.add_(direction, kStep);
    const double high = loss().item<double>();
    place.sub_(direction, 2 * kStep);
    const double low = loss().item<double>();
    place.add_(direction, kStep);
    // Central differences: error of the order of step^2, and 1e-16 / step of rounding.
    EXPECT_NEAR((high - low) / (2 * kStep), want, 1e-6 * (1 + std::abs(want))) << name;
  }
}

TEST_P(InteractionContract, KernelsAgreeWithDoublePrecision) {
  const auto interaction = make_still();
  const auto single = interaction->forward(sample_parts());
  interaction->to(at::kDouble);
  const auto twice = interaction->forward(sample_parts(at::kDouble));
  for (size_t i = 0; i < single.size(); ++i) {
    expect_near(single[i].pooled, twice[i].pooled.to(at::kFloat));
    expect_near(single[i].tokens.padded(), twice[i].tokens.padded().to(at::kFloat));
  }
}

TEST_P(InteractionContract, SameSeedSameBits) {
  const auto run = [&] {
    const auto interaction = make(", dropout: 0.3, attention_dropout: 0.2, drop_path: 0.2");
    torch::manual_seed(9);
    const auto sum = weigh(interaction->forward(sample_parts()));
    sum.backward();
    std::vector<at::Tensor> result = {sum};
    for (const auto& parameter : interaction->parameters()) {
      result.push_back(parameter);
      result.push_back(parameter.grad());
    }
    return result;
  };
  const auto once = run(), again = run();
  ASSERT_EQ(once.size(), again.size());
  for (size_t i = 0; i < once.size(); ++i) EXPECT_TRUE(at::equal(once[i], again[i])) << i;
}

TEST_P(InteractionContract, EvalIsPureAndTrainingIsNot) {
  for (const std::string key : {"dropout", "attention_dropout", "drop_path"}) {
    const auto interaction = make(key == "dropout" ? ", dropout: 0.5"
                                                   : ", dropout: 0, " + key + ": 0.5");
    const auto run = [&] { return interaction->forward(sample_parts())[0].pooled; };
    EXPECT_FALSE(at::equal(run(), run())) << key;
    interaction->eval();
    EXPECT_TRUE(at::equal(run(), run())) << key;
  }
}

TEST_P(InteractionContract, SavedStateGivesTheSameResult) {
  const auto from = make("", 5), to = make("", 6);
  from->eval(), to->eval();
  const auto parts = sample_parts();
  const auto want = from->forward(parts)[0].pooled;
  EXPECT_FALSE(at::equal(to->forward(parts)[0].pooled, want));
  const auto source = from->named_parameters(), target = to->named_parameters();
  ASSERT_EQ(source.size(), target.size());
  EXPECT_TRUE(from->named_buffers().empty());
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < source.size(); ++i) {
    ASSERT_EQ(source[i].first, target[i].first);
    auto place = target[i].second;
    place.copy_(source[i].second);
  }
  EXPECT_TRUE(at::equal(to->forward(parts)[0].pooled, want));
}

// The parts without the tokens of absent samples.
std::vector<Embedding> present_parts() {
  auto parts = sample_parts();
  for (auto& part : parts) {
    auto mask = part.tokens.mask();
    if (!mask.defined()) mask = at::ones({kBatch, part.tokens.segments.steps()}, at::kBool);
    const auto segments = Segments::of_mask(mask.logical_and(part.present.unsqueeze(1)));
    part.tokens = {segments.pack(part.tokens.padded()), segments};
  }
  return parts;
}

// [B, T] of the tokens that look, or are looked at, under a name.
at::Tensor real_tokens(const std::vector<Embedding>& parts, const std::string& name) {
  const auto field = std::find(kFields.begin(), kFields.end(), name) - kFields.begin();
  const auto& tokens = parts[static_cast<size_t>(field)].tokens;
  if (tokens.mask().defined()) return tokens.mask();
  return at::ones({kBatch, tokens.segments.steps()}, at::kBool);
}

std::vector<std::string> parted(const std::string& text, char by) {
  std::vector<std::string> out = {""};
  for (const char c : text) {
    if (c == by)
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

TEST_P(InteractionContract, LooksAreNamedAndSumToOneWhereThereIsSomethingToSee) {
  const auto interaction = make_still();
  const auto parts = sample_parts();
  std::vector<Look> looks;
  const auto out = interaction->forward(parts, &looks);
  expect_near(out, interaction->forward(parts));
  ASSERT_FALSE(looks.empty());
  const auto given = present_parts();
  for (const auto& look : looks) {
    const auto arrow = look.name.find("->");
    ASSERT_NE(arrow, std::string::npos) << look.name;
    const std::string from = look.name.substr(0, arrow);
    const bool bottleneck = from.starts_with("bottleneck.");
    const auto field = bottleneck ? from.substr(from.find('.') + 1) : from;
    const auto place = std::find(kFields.begin(), kFields.end(), field) - kFields.begin();
    const auto& present = parts[static_cast<size_t>(place)].present;
    auto asks = bottleneck ? present.unsqueeze(1).expand({kBatch, look.weights.size(1)})
                           : real_tokens(out, from);
    at::Tensor seen;  // [B, S] of what can be looked at
    for (const auto& to : parted(look.name.substr(arrow + 2), '+')) {
      const auto more = to == "bottleneck" ? present.unsqueeze(1).expand({kBatch, 4})
                                           : real_tokens(given, to);
      seen = seen.defined() ? at::cat({seen, more}, 1) : more;
    }
    ASSERT_EQ(look.weights.sizes(),
              (std::vector<int64_t>{kBatch, asks.size(1), seen.size(1)})) << look.name;
    const auto want = asks.logical_and(seen.any(1, /*keepdim=*/true)).to(at::kFloat);
    expect_near(look.weights.sum(2), want, 1e-6);
    EXPECT_EQ(look.weights.masked_fill(seen.unsqueeze(1), 0).abs().max().item<float>(), 0);
    EXPECT_GE(look.weights.min().item<float>(), 0);
  }
}

TEST_P(InteractionContract, AddsItsLooksBehindThoseOfTheLayerBefore) {
  const auto interaction = make_still();
  std::vector<Look> looks;
  interaction->forward(interaction->forward(sample_parts(), &looks), &looks);
  ASSERT_EQ(looks.size() % 2, 0u);
  for (size_t i = 0; i < looks.size() / 2; ++i)
    EXPECT_EQ(looks[i].name, looks[i + looks.size() / 2].name);
}

TEST_P(InteractionContract, TakesAnEmptyBatch) {
  const auto none = at::zeros({0}, at::kLong);
  for (const auto& part : make_still()->forward(picked(sample_parts(), none)))
    EXPECT_EQ(part.pooled.sizes(), (std::vector<int64_t>{0, kPartWidth}));
}

TEST_P(InteractionContract, CountsMoreOperationsForMoreTokens) {
  const auto interaction = make_still();
  EXPECT_EQ(interaction->flops(), interaction->flops({1, 1, 1}));
  for (const auto& more : std::vector<std::vector<int64_t>>{{2, 1, 1}, {1, 2, 1}, {1, 1, 2}})
    EXPECT_GT(interaction->flops(more), interaction->flops());
}

std::string error_of(const std::string& yaml, const InteractionInput& input) {
  try {
    make_interaction(ConfigNode::parse(yaml, "r.yaml"), input);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    return error.what();
  }
  return "accepted";
}

TEST_P(InteractionContract, NamesTheLineOfWhatIsWrong) {
  const auto node = [&](const std::string& more) { return "{" + GetParam() + ",\n" + more + "}"; };
  const auto expect_error = [](const std::string& got, const std::string& where,
                               const std::string& what) {
    EXPECT_NE(got.find(where), std::string::npos) << got;
    EXPECT_NE(got.find(what), std::string::npos) << got;
  };
  const InteractionInput input{kPartWidth, kFields};
  expect_error(error_of(node(" dropuot: 0.1"), input), "r.yaml:2:", "'dropout'");
  expect_error(error_of(node(" heads: 3"), input), "r.yaml:2:9", "3 does not divide width 8");
  expect_error(error_of(node(" depth: 0"), input), "r.yaml:2:9", "depth: expected");
  if (!makes_tokens()) {
    expect_error(error_of(node(" heads: 2"), {kPartWidth, {"image"}}), "r.yaml:1:8",
                 "at least 2 fields, got 1");
  }
}

TEST_P(InteractionContract, RefusesPartsOfAnotherShape) {
  const auto interaction = make_still();
  const auto good = sample_parts();
  std::vector<std::vector<Embedding>> bad(6, good);
  bad[0].pop_back();
  bad[1][1].pooled = at::zeros({kBatch, kPartWidth + 1});
  bad[2][2].pooled = at::zeros({kBatch - 1, kPartWidth});
  bad[3][0].present = at::ones({kBatch});
  bad[4][0].tokens.values = at::zeros({kBatch, 3, kPartWidth + 1});
  bad[5][1].tokens = {at::zeros({2, kPartWidth}), Segments::uniform(2, 1)};
  for (const auto& parts : bad) {
    try {
      interaction->forward(parts);
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kShape) << error.what();
      EXPECT_NE(std::string(error.what()).find("interaction: "), std::string::npos) << error.what();
    }
  }
}

std::vector<std::string> variants() {
  std::vector<std::string> all = {"kind: resampler, reads: own, tokens: 2"};
#define BRAID_INTERACTION(name, Config, help) all.push_back("kind: " #name);
#include "braid/interaction/all.def"
#undef BRAID_INTERACTION
  return all;
}

INSTANTIATE_TEST_SUITE_P(AllDef, InteractionContract, testing::ValuesIn(variants()),
                         [](const auto& test) {
                           std::string name;
                           for (const char c : test.param) name += std::isalnum(c) ? c : '_';
                           return name;
                         });

TEST(Interaction, LayersStackInAnyOrder) {
  torch::manual_seed(1);
  std::vector<std::string> kinds;
#define BRAID_INTERACTION(name, Config, help) kinds.push_back(#name);
#include "braid/interaction/all.def"
#undef BRAID_INTERACTION
  for (int order = 0; order < 2; ++order) {
    auto parts = sample_parts();
    for (const auto& kind : kinds) {
      const auto layer = make_interaction(
          ConfigNode::parse("{kind: " + kind + ", heads: 2, dropout: 0}"), {kPartWidth, kFields});
      parts = layer->forward(parts);
    }
    for (const auto& part : parts) {
      EXPECT_TRUE(part.pooled.isfinite().all().item<bool>());
      const auto rows = part.pooled.abs().sum(1);
      EXPECT_TRUE(at::equal(rows.gt(0), part.present));
    }
    std::reverse(kinds.begin(), kinds.end());
  }
}

TEST(Interaction, SaysWhichKindsThereAre) {
  const InteractionInput input{kPartWidth, kFields};
  const auto unknown = error_of("{heads: 2,\n kind: co_atention}", input);
  EXPECT_NE(unknown.find("r.yaml:2:8"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("'co_attention'"), std::string::npos) << unknown;
  const auto none = error_of("heads: 2", input);
  EXPECT_NE(none.find("r.yaml:1:1: an interaction needs a kind: one of cross_attention"),
            std::string::npos)
      << none;
}

}  // namespace
}  // namespace braid
