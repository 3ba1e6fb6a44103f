// What single encoders promise beyond the contract.
#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/core/error.h"
#include "braid/encoder/encoder.h"

namespace braid {
namespace {

const EncoderInput kPictures = {"image", {{"size", 8}, {"channels", 3}}};
const EncoderInput kTexts = {"text", {{"vocabulary", 20}, {"max_tokens", 6}, {"pad_id", 0}}};

std::string failure(const std::string& recipe, const EncoderInput& input) {
  try {
    make_encoder(ConfigNode::parse(recipe, "r.yaml"), input);
  } catch (const Error& error) {
    return error.code() == ErrorCode::kConfig ? error.what() : "another code";
  }
  return "accepted";
}

TEST(MakeEncoder, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(failure("kind: vit\npatch: 3\n", kPictures),
            "r.yaml:2:8: patch: 3 does not divide the picture's side 8");
  EXPECT_EQ(failure("kind: vit\nheads: 5\n", kPictures),
            "r.yaml:2:8: heads: 5 does not divide width 192");
  EXPECT_EQ(failure("kind: cnn\nstages: [8, 0]\n", kPictures),
            "r.yaml:2:9: stages: expected widths 1 .. 16384, got 0");
  EXPECT_EQ(failure("kind: cnn\nstages: [8, 8, 8]\nblocks: [1, 2]\n", kPictures),
            "r.yaml:3:9: blocks: expected one number or one for each of the 3 stages, got 2");
  EXPECT_NE(failure("kind: cnm\n", kPictures).find("did you mean 'cnn'"), std::string::npos);
  EXPECT_NE(failure("width: 8\n", kPictures).find("needs a kind"), std::string::npos);
  EXPECT_NE(failure("kind: cnn\ndropout: 1\n", kPictures).find("r.yaml:2:"), std::string::npos);
}

TEST(MakeEncoder, FailsWhenTheModalityDoesNotSayItsSize) {
  EXPECT_THROW(make_encoder(ConfigNode::parse("kind: cnn"), {"image", {}}), Error);
}

TEST(Cnn, OffersEveryPoolingNormAndActivation) {
  const auto x = at::randn({2, 3, 8, 8});
  for (const char* recipe : {"{kind: cnn, stages: [4, 6], pooling: mean_max}",
                             "{kind: cnn, stages: [4, 6], pooling: attention}",
                             "{kind: cnn, stages: [4, 6], activation: gelu, drop_path: 0.5}",
                             "{kind: cnn, stages: [4, 6], blocks: [0, 2], stem_stride: 1}"}) {
    const auto encoder = make_encoder(ConfigNode::parse(recipe), kPictures);
    const auto out = encoder->encode(x, {});
    EXPECT_EQ(out.pooled.size(1), encoder->width()) << recipe;
    EXPECT_TRUE(out.pooled.isfinite().all().item<bool>()) << recipe;
    EXPECT_EQ(out.tokens.padded().size(2), 6) << recipe;
  }
}

TEST(Cnn, PoolsItsTokens) {
  const auto encoder =
      make_encoder(ConfigNode::parse("{kind: cnn, stages: [4, 6], pooling: mean_max}"), kPictures);
  encoder->eval();
  const auto out = encoder->encode(at::randn({2, 3, 8, 8}), {});
  const auto want =
      at::cat({out.tokens.padded().mean(1), std::get<0>(out.tokens.padded().max(1))}, 1);
  EXPECT_LE((out.pooled - want).abs().max().item<double>(), 1e-6);
}

// Batch norm, channels last and threads: the way the demo trains.
TEST(Cnn, TrainsToTheSameBitsTwice) {
  const auto run = [] {
    torch::manual_seed(3);
    const auto encoder =
        make_encoder(ConfigNode::parse("{kind: cnn, stages: [16, 32]}"), kPictures);
    const auto x = at::randn({16, 3, 8, 8});
    encoder->encode(x, {}).pooled.square().sum().backward();
    std::vector<at::Tensor> out;
    for (const auto& parameter : encoder->parameters()) out.push_back(parameter.grad());
    for (const auto& [name, buffer] : encoder->named_buffers()) out.push_back(buffer);
    return out;
  };
  const auto once = run(), again = run();
  for (size_t i = 0; i < once.size(); ++i) EXPECT_TRUE(at::equal(once[i], again[i])) << i;
}

TEST(Cnn, CountsItsOperations) {
  const auto encoder =
      make_encoder(ConfigNode::parse("{kind: cnn, stages: [4], blocks: 1}"), kPictures);
  EXPECT_EQ(encoder->flops(), 2.0 * 16 * 9 * (3 * 4 + 4 * 4 + 4 * 4));  // side 8 -> 4
}

TEST(Vit, ClassTokenStandsBeforeThePatches) {
  const auto encoder = make_encoder(
      ConfigNode::parse("{kind: vit, patch: 4, width: 8, heads: 2, depth: 1, pooling: class}"),
      kPictures);
  encoder->eval();
  const auto out = encoder->encode(at::randn({2, 3, 8, 8}), {});
  EXPECT_EQ(out.tokens.padded().size(1), 5);
  EXPECT_TRUE(at::equal(out.pooled, out.tokens.padded().select(1, 0)));
}

// Which patches move the result: [B, T] bool.
at::Tensor patches_seen(Encoder& encoder, const at::Tensor& pictures, int64_t patch) {
  const auto x = pictures.clone().requires_grad_();
  encoder.encode(x, {}).pooled.square().sum().backward();
  const int64_t side = pictures.size(3) / patch;
  return x.grad()
      .abs()
      .amax(1)
      .view({-1, side, patch, side, patch})
      .amax({2, 4})
      .view({-1, side * side})
      .gt(0);
}

TEST(Vit, PatchDropoutKeepsItsShareAnewForEachPicture) {
  const EncoderInput input = {"image", {{"size", 16}, {"channels", 3}}};
  for (const char* pooling : {"mean", "class"}) {
    torch::manual_seed(1);
    const auto encoder = make_encoder(
        ConfigNode::parse(std::string("{kind: vit, patch: 4, width: 8, heads: 2, depth: 2, "
                                      "dropout: 0, patch_dropout: 0.7, pooling: ") +
                          pooling + "}"),
        input);
    const auto x = at::randn({6, 3, 16, 16});
    const auto first = patches_seen(*encoder, x, 4), second = patches_seen(*encoder, x, 4);
    EXPECT_TRUE(at::equal(first.sum(1), at::full({6}, 5, at::kLong)));  // 0.3 * 16 = 4.8
    EXPECT_FALSE(at::equal(first, second));
    EXPECT_FALSE(at::equal(first[0], first[1]));
    EXPECT_EQ(encoder->encode(x, {}).tokens.padded().size(1), 5 + (pooling[0] == 'c'));
    encoder->eval();
    EXPECT_TRUE(patches_seen(*encoder, x, 4).all().item<bool>());
  }
}

// With equal patches and no positions every token is the same, however many there are.
TEST(Vit, PatchDropoutOfEqualPatchesChangesNothing) {
  torch::manual_seed(1);
  const auto encoder =
      make_encoder(ConfigNode::parse(
                       "{kind: vit, patch: 2, width: 8, heads: 2, dropout: 0, patch_dropout: 0.5}"),
                   kPictures);
  {
    const at::NoGradGuard no_grad;
    for (const auto& [name, parameter] : encoder->named_parameters())
      if (name == "positions") parameter.zero_();
  }
  const auto x = at::full({2, 3, 8, 8}, 0.5);
  const auto part = encoder->encode(x, {}).pooled;
  encoder->eval();
  EXPECT_LE((part - encoder->encode(x, {}).pooled).abs().max().item<double>(), 1e-6);
}

// In double the transformer takes torch's operators on the padded batch.
TEST(Texts, PackedEqualsPaddedWithHolesAndEmptyOnes) {
  torch::manual_seed(4);
  const auto ids = at::randint(20, {4, 6}, at::kLong);
  auto mask = at::ones({4, 6}, at::kBool);
  mask[0][3] = false;
  mask[1].slice(0, 1).fill_(false);
  mask[2].fill_(false);
  for (const char* recipe : {"{kind: text_transformer, dropout: 0}",
                             "{kind: text_transformer, dropout: 0, pooling: last}"}) {
    const auto encoder = make_encoder(ConfigNode::parse(recipe), kTexts);
    const auto weights = at::randn({4, encoder->width()});
    const auto run = [&] {
      const auto out = encoder->encode(ids, mask);
      (out.pooled * weights).sum().backward();
      std::vector<at::Tensor> all = {out.pooled.detach(), out.tokens.padded().detach()};
      for (const auto& parameter : encoder->parameters()) {
        all.push_back(parameter.grad().to(at::kDouble).clone());
        parameter.mutable_grad().reset();
      }
      return all;
    };
    const auto packed = run();
    const auto alone = encoder->encode_pooled(ids, mask);
    EXPECT_LE((alone - packed[0]).abs().max().item<double>(), 1e-6) << recipe;
    EXPECT_EQ(packed[0][2].abs().max().item<float>(), 0);
    EXPECT_EQ(packed[1][0][3].abs().max().item<float>(), 0);
    encoder->to(at::kDouble);
    const auto padded = run();
    ASSERT_EQ(packed.size(), padded.size());
    for (size_t i = 0; i < packed.size(); ++i) {
      // Gradients of small token vectors are large: a norm divides by them.
      const double size = padded[i].abs().max().item<double>();
      EXPECT_LE((packed[i] - padded[i]).abs().max().item<double>(), 5e-6 * (1 + size))
          << recipe << " " << i;
    }
  }
}

TEST(Texts, ABatchOfNothingTrains) {
  const auto mask = at::zeros({2, 3}, at::kBool);
  for (const char* recipe : {"kind: text_transformer", "{kind: text_transformer, pooling: last}",
                             "{kind: text_transformer, attention_dropout: 0.2, drop_path: 0.5}"}) {
    const auto encoder = make_encoder(ConfigNode::parse(recipe), kTexts);
    const auto out = encoder->encode(at::zeros({2, 3}, at::kLong), mask);
    EXPECT_TRUE(at::equal(out.pooled, at::zeros({2, encoder->width()}))) << recipe;
    EXPECT_TRUE(at::equal(encoder->encode_pooled(at::zeros({2, 3}, at::kLong), mask), out.pooled))
        << recipe;
    EXPECT_FALSE(out.present.any().item<bool>());
    out.pooled.sum().backward();
    for (const auto& parameter : encoder->parameters()) {
      if (parameter.grad().defined()) {
        EXPECT_EQ(parameter.grad().abs().max().item<float>(), 0) << recipe;
      }
    }
  }
}

TEST(Texts, AnEmptyOneIsAbsentAndFinite) {
  const auto ids = at::zeros({2, 3}, at::kLong);
  auto mask = at::ones({2, 3}, at::kBool);
  mask[1].fill_(false);
  for (const char* recipe :
       {"kind: text_transformer", "kind: bag_of_tokens", "{kind: text_transformer, pooling: last}",
        "{kind: text_transformer, depth: 0}"}) {
    const auto encoder = make_encoder(ConfigNode::parse(recipe), kTexts);
    const auto out = encoder->encode(ids, mask);
    EXPECT_TRUE(at::equal(out.present, mask.select(1, 0))) << recipe;
    EXPECT_TRUE(out.pooled.isfinite().all().item<bool>()) << recipe;
    out.pooled.sum().backward();
    for (const auto& parameter : encoder->parameters()) {
      EXPECT_TRUE(parameter.grad().isfinite().all().item<bool>()) << recipe;
    }
  }
}

TEST(Texts, OrderMattersToTheTransformerOnly) {
  const auto ids = at::tensor({3, 4, 5}, at::kLong).view({1, 3}), turned = ids.flip(1);
  for (const auto& [recipe, ordered] : std::vector<std::pair<std::string, bool>>{
           {"kind: text_transformer", true},
           {"kind: bag_of_tokens", false},
           {"{kind: text_transformer, positions: false}", false}}) {
    const auto encoder = make_encoder(ConfigNode::parse(recipe), kTexts);
    encoder->eval();
    const double gap = (encoder->encode(ids, {}).pooled - encoder->encode(turned, {}).pooled)
                           .abs()
                           .max()
                           .item<double>();
    EXPECT_EQ(gap > 1e-4, ordered) << recipe << " " << gap;
  }
}

TEST(Texts, RefuseIdsOutsideTheVocabulary) {
  const auto encoder = make_encoder(ConfigNode::parse("kind: bag_of_tokens"), kTexts);
  EXPECT_THROW(encoder->encode(at::full({1, 2}, 20, at::kLong), {}), Error);
}

}  // namespace
}  // namespace braid
