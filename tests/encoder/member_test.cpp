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
    EXPECT_EQ(out.tokens.size(2), 6) << recipe;
  }
}

TEST(Cnn, PoolsItsTokens) {
  const auto encoder =
      make_encoder(ConfigNode::parse("{kind: cnn, stages: [4, 6], pooling: mean_max}"), kPictures);
  encoder->eval();
  const auto out = encoder->encode(at::randn({2, 3, 8, 8}), {});
  const auto want = at::cat({out.tokens.mean(1), std::get<0>(out.tokens.max(1))}, 1);
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
  EXPECT_EQ(out.tokens.size(1), 5);
  EXPECT_TRUE(at::equal(out.pooled, out.tokens.select(1, 0)));
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
