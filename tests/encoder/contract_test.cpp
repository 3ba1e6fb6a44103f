// What every encoder of all.def must hold to.
#include <gtest/gtest.h>

#include <torch/types.h>

#include "braid/core/error.h"
#include "braid/encoder/encoder.h"
#include "braid/encoder/trunk.h"

namespace braid {
namespace {

const std::string kOnSharedTrunk = "_on_shared_trunk";

// An encoder whose trunk belongs to the model, with that trunk: together they are held to the same.
class OnSharedTrunk final : public Encoder {
 public:
  OnSharedTrunk(const ConfigNode& node, EncoderInput input) {
    const auto* dropout = node.find("dropout");
    input.trunk = register_module(
        "trunk", std::make_shared<Transformer>(TransformerShape{
                     8, 2, 2, 4, dropout ? std::stod(dropout->text()) : 0.1, 0, 0}));
    stem_ = register_module("stem", make_encoder(node, input));
  }
  Embedding encode(const at::Tensor& values, const at::Tensor& mask) override {
    return stem_->encode(values, mask);
  }
  at::Tensor encode_pooled(const at::Tensor& values, const at::Tensor& mask) override {
    return stem_->encode_pooled(values, mask);
  }
  int64_t width() const override { return stem_->width(); }
  double flops() const override { return stem_->flops(); }

 private:
  std::shared_ptr<Encoder> stem_;
};

// Small members of each kind, so that the suite stays fast; the defaults are built as well.
std::string small_recipe(const std::string& kind) {
  if (kind == "vit" + kOnSharedTrunk)
    return "{kind: vit, trunk: shared, patch: 4, width: 8, heads: 2";
  if (kind == "text_transformer" + kOnSharedTrunk)
    return "{kind: text_transformer, trunk: shared, width: 8, heads: 2";
  if (kind == "ast" + kOnSharedTrunk)
    return "{kind: ast, trunk: shared, patch_frames: 2, patch_bands: 4, width: 8, heads: 2";
  if (kind == "ast")
    return "{kind: ast, patch_frames: 2, patch_bands: 4, width: 8, depth: 2, heads: 2";
  if (kind == "audio_cnn") return "{kind: audio_cnn, stages: [4, 8], blocks: 1";
  if (kind == "vit") return "{kind: vit, patch: 4, width: 8, depth: 2, heads: 2";
  if (kind == "cnn") return "{kind: cnn, stages: [4, 8], blocks: 1, norm: group, group_width: 4";
  if (kind == "text_transformer") return "{kind: text_transformer, width: 8, depth: 2, heads: 2";
  if (kind == "ft_transformer") return "{kind: ft_transformer, width: 8, depth: 2, heads: 2";
  if (kind == "table_mlp") return "{kind: table_mlp, cell_width: 3, width: 8, hidden: 12, depth: 2";
  if (kind == "bag_of_tokens") return "{kind: bag_of_tokens, width: 8, hidden: 12";
  if (kind == "series_transformer") {
    return "{kind: series_transformer, width: 8, depth: 2, heads: 2, stride: 2, kernel: 3, "
           "time_waves: 3";
  }
  return "{kind: " + kind;
}

struct Batch {
  EncoderInput input;
  at::Tensor values, mask;
};

Batch batch_for(const std::string& modality) {
  const auto generator = at::detail::createCPUGenerator(3);
  if (modality == "image") {
    return {{"image", {{"size", 8}, {"channels", 3}}}, at::randn({4, 3, 8, 8}, generator), {}};
  }
  if (modality == "table") {
    // Three columns with four ids each, and two numbers.
    const auto ids = at::randint(4, {4, 3, 1}, generator) + at::arange(3).view({1, 3, 1}) * 4;
    const auto numbers = at::randn({4, 3, 2}, generator);
    return {{"table", {{"columns", 3}, {"numbers", 2}, {"ids", 12}}},
            at::cat({ids.to(at::kFloat), numbers}, 2),
            {}};
  }
  auto mask = at::ones({4, 6}, at::kBool);
  mask[1].slice(0, 3).fill_(false);
  mask[2].slice(0, 1).fill_(false);
  if (modality == "series") {
    return {{"series", {{"channels", 2}, {"max_steps", 9}}},
            at::randn({4, 6, 5}, generator),
            mask};
  }
  if (modality == "audio")
    return {{"audio", {{"width", 8}, {"max_frames", 9}}}, at::randn({4, 6, 8}, generator), mask};
  return {{"text", {{"vocabulary", 20}, {"max_tokens", 9}, {"pad_id", 0}}},
          at::randint(20, {4, 6}, generator, at::kLong),
          mask};
}

class EncoderContract : public testing::TestWithParam<std::pair<std::string, std::string>> {
 protected:
  std::string kind() const { return GetParam().first; }
  // The modality stands first in the help of all.def.
  std::string modality() const { return GetParam().second.substr(0, GetParam().second.find(':')); }
  std::shared_ptr<Encoder> make(const std::string& more = "}", uint64_t seed = 5) const {
    torch::manual_seed(seed);
    const auto node = ConfigNode::parse(small_recipe(kind()) + more, "r.yaml");
    const auto input = batch_for(modality()).input;
    if (kind().ends_with(kOnSharedTrunk)) return std::make_shared<OnSharedTrunk>(node, input);
    return make_encoder(node, input);
  }
};

void expect_near(const at::Tensor& a, const at::Tensor& b, double tolerance = 1e-5) {
  ASSERT_EQ(a.sizes(), b.sizes());
  EXPECT_LE((a - b).abs().max().item<double>(), tolerance);
}

TEST_P(EncoderContract, GivesTheWidthsItPromises) {
  const auto encoder = make();
  const auto batch = batch_for(modality());
  const auto out = encoder->encode(batch.values, batch.mask);
  EXPECT_EQ(out.pooled.sizes(), (std::vector<int64_t>{4, encoder->width()}));
  if (out.tokens.defined()) {
    EXPECT_EQ(out.tokens.padded().size(0), 4);
    EXPECT_EQ(out.tokens.rows().size(0), out.tokens.segments.rows());
  }
  EXPECT_TRUE(out.present.all().item<bool>());
  EXPECT_GT(encoder->flops(), 0);
}

TEST_P(EncoderContract, SendsAGradientToEveryParameter) {
  const auto encoder = make(", dropout: 0}");
  // A learned scale that starts at zero hides what stands before it.
  for (const auto& parameter : encoder->parameters()) {
    at::NoGradGuard no_grad;
    if (parameter.abs().max().item<double>() == 0) parameter.fill_(0.5);
  }
  const auto batch = batch_for(modality());
  const auto pooled = encoder->encode(batch.values, batch.mask).pooled;
  const auto weights = at::randn(pooled.sizes(), at::detail::createCPUGenerator(1));
  (pooled * weights).sum().backward();
  for (const auto& [name, parameter] : encoder->named_parameters()) {
    ASSERT_TRUE(parameter.grad().defined()) << name;
    EXPECT_GT(parameter.grad().abs().max().item<double>(), 0) << name;
    EXPECT_TRUE(parameter.grad().isfinite().all().item<bool>()) << name;
  }
}

// With `pooling` of one token, where the member has it: the way that leaves the others out.
TEST_P(EncoderContract, PooledAloneIsThePooledOfAll) {
  const std::string one = kind().starts_with("vit")                ? ", pooling: class"
                          : kind().starts_with("text_transformer") ? ", pooling: last"
                                                                   : "";
  const auto batch = batch_for(modality());
  for (const auto& more : {std::string(), one}) {
    const auto encoder = make(more + ", dropout: 0}");
    const auto weights = at::randn({4, encoder->width()}, at::detail::createCPUGenerator(1));
    const auto run = [&](bool alone) {
      const auto pooled = alone ? encoder->encode_pooled(batch.values, batch.mask)
                                : encoder->encode(batch.values, batch.mask).pooled;
      (pooled * weights).sum().backward();
      std::vector<at::Tensor> all = {pooled.detach()};
      for (const auto& parameter : encoder->parameters()) {
        all.push_back(parameter.grad().clone());
        parameter.mutable_grad().reset();
      }
      return all;
    };
    const auto alone = run(true), all = run(false);
    ASSERT_EQ(alone.size(), all.size());
    for (size_t i = 0; i < all.size(); ++i)
      expect_near(alone[i], all[i], 1e-5 * (1 + all[i].abs().max().item<double>()));
  }
}

TEST_P(EncoderContract, PermutingTheBatchPermutesTheResult) {
  const auto encoder = make();
  encoder->eval();
  const auto batch = batch_for(modality());
  const auto order = at::tensor({2, 0, 3, 1}, at::kLong);
  const auto want = encoder->encode(batch.values, batch.mask).pooled.index_select(0, order);
  const auto mask = batch.mask.defined() ? batch.mask.index_select(0, order) : at::Tensor();
  expect_near(encoder->encode(batch.values.index_select(0, order), mask).pooled, want);
}

TEST_P(EncoderContract, ASampleDoesNotDependOnItsNeighboursOrItsPadding) {
  const auto encoder = make();
  encoder->eval();
  const auto batch = batch_for(modality());
  const auto all = encoder->encode(batch.values, batch.mask).pooled;
  for (int64_t i = 0; i < 4; ++i) {
    auto alone = batch.values.narrow(0, i, 1);
    at::Tensor mask;
    if (batch.mask.defined()) {
      const int64_t length = batch.mask[i].sum().item<int64_t>();
      alone = alone.narrow(1, 0, length);
      mask = batch.mask.narrow(0, i, 1).narrow(1, 0, length);
    }
    expect_near(encoder->encode(alone, mask).pooled, all.narrow(0, i, 1));
  }
}

TEST_P(EncoderContract, SameSeedSameBits) {
  const auto run = [&] {
    const auto encoder = make();
    const auto batch = batch_for(modality());
    torch::manual_seed(9);
    const auto pooled = encoder->encode(batch.values, batch.mask).pooled;
    pooled.square().sum().backward();
    std::vector<at::Tensor> result = {pooled};
    for (const auto& parameter : encoder->parameters()) {
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

TEST_P(EncoderContract, EvalIsPureAndTrainingIsNot) {
  const auto encoder = make(", dropout: 0.5}");
  const auto batch = batch_for(modality());
  const auto run = [&] { return encoder->encode(batch.values, batch.mask).pooled; };
  EXPECT_FALSE(at::equal(run(), run()));
  encoder->eval();
  EXPECT_TRUE(at::equal(run(), run()));
}

TEST_P(EncoderContract, SavedStateGivesTheSameVectors) {
  const auto from = make("}", 5), to = make("}", 6);
  from->eval(), to->eval();
  const auto batch = batch_for(modality());
  const auto want = from->encode(batch.values, batch.mask).pooled;
  EXPECT_FALSE(at::equal(to->encode(batch.values, batch.mask).pooled, want));
  at::NoGradGuard no_grad;
  const auto copy = [](const Module::NamedTensors& source, const Module::NamedTensors& target) {
    ASSERT_EQ(source.size(), target.size());
    for (size_t i = 0; i < source.size(); ++i) {
      ASSERT_EQ(source[i].first, target[i].first);
      target[i].second.copy_(source[i].second);
    }
  };
  copy(from->named_parameters(), to->named_parameters());
  copy(from->named_buffers(), to->named_buffers());
  EXPECT_TRUE(at::equal(to->encode(batch.values, batch.mask).pooled, want));
}

TEST_P(EncoderContract, FiniteDifferencesAgreeWithTheGradient) {
  const auto encoder = make(", dropout: 0}");
  encoder->to(at::kDouble);
  const auto generator = at::detail::createCPUGenerator(4);
  {
    // Away from zero biases, zero scales and the kinks of relu.
    at::NoGradGuard no_grad;
    for (const auto& parameter : encoder->parameters()) {
      parameter.add_(at::randn(parameter.sizes(), generator, at::kDouble), 0.2);
    }
  }
  auto batch = batch_for(modality());
  if (batch.values.is_floating_point()) batch.values = batch.values.to(at::kDouble);
  const auto weights = at::randn({4, encoder->width()}, generator, at::kDouble);
  const auto loss = [&] {
    return (encoder->encode(batch.values, batch.mask).pooled * weights).sum();
  };
  loss().backward();
  at::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (const auto& [name, parameter] : encoder->named_parameters()) {
    const auto direction = at::randn(parameter.sizes(), generator, at::kDouble);
    const double want = (parameter.grad() * direction).sum().item<double>();
    parameter.add_(direction, kStep);
    const double high = loss().item<double>();
    parameter.sub_(direction, 2 * kStep);
    const double low = loss().item<double>();
    parameter.add_(direction, kStep);
    // Central differences: error of the order of step^2, and 1e-16 / step of rounding.
    EXPECT_NEAR((high - low) / (2 * kStep), want, 1e-6 * (1 + std::abs(want))) << name;
  }
}

TEST_P(EncoderContract, AWrongKeyNamesItsLine) {
  if (kind().ends_with(kOnSharedTrunk)) GTEST_SKIP() << "no kind of its own";
  try {
    make_encoder(ConfigNode::parse("kind: " + kind() + "\ndropuot: 0.1\n", "r.yaml"),
                 batch_for(modality()).input);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    EXPECT_NE(std::string(error.what()).find("r.yaml:2:"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("dropout"), std::string::npos) << error.what();
  }
}

TEST_P(EncoderContract, RefusesAnotherModality) {
  if (kind().ends_with(kOnSharedTrunk)) GTEST_SKIP() << "no kind of its own";
  const std::string other = modality() == "image" ? "text" : "image";
  try {
    make_encoder(ConfigNode::parse("kind: " + kind(), "r.yaml"), batch_for(other).input);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    EXPECT_NE(std::string(error.what()).find("r.yaml:1:"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("reads " + modality()), std::string::npos)
        << error.what();
  }
}

TEST_P(EncoderContract, RefusesValuesOfAnotherShape) {
  const auto encoder = make();
  const auto other =
      modality() == "image" ? at::zeros({2, 3, 9, 8}) : at::zeros({2, 10}, at::kLong);
  EXPECT_THROW(encoder->encode(other, {}), Error);
}

const std::vector<std::pair<std::string, std::string>> kEncoders = {
#define BRAID_ENCODER(name, Config, help) {#name, help},
#include "braid/encoder/all.def"
#undef BRAID_ENCODER
};

const std::vector<std::pair<std::string, std::string>> kSharedTrunkEncoders = {
    {"vit" + kOnSharedTrunk, "image: "},
    {"text_transformer" + kOnSharedTrunk, "text: "},
    {"ast" + kOnSharedTrunk, "audio: "}};

INSTANTIATE_TEST_SUITE_P(All, EncoderContract, testing::ValuesIn(kEncoders),
                         [](const auto& info) { return info.param.first; });
INSTANTIATE_TEST_SUITE_P(SharedTrunk, EncoderContract, testing::ValuesIn(kSharedTrunkEncoders),
                         [](const auto& info) { return info.param.first; });

}  // namespace
}  // namespace braid
