// What a decoder promises of its scores: who sees what, gradients, losses, state.
#include "braid/generate/decoder.h"

#include <cmath>
#include <limits>

#include "braid/core/error.h"
#include "tests/generate/small_decoder.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using namespace generate_test;

class DecoderViews : public testing::TestWithParam<std::string> {
 protected:
  static std::shared_ptr<Decoder> make(const std::string& more = "", uint64_t seed = 5) {
    return small_decoder(", reads: " + GetParam() + more, seed);
  }
  static bool reads(const std::string& what) {
    return GetParam() == what || GetParam() == "both";
  }
};

TEST_P(DecoderViews, ATokenChangesNoScoreBeforeIt) {
  const auto decoder = make();
  const auto want = scores_of(*decoder, small_parts(), small_fused());
  const auto first = first_rows(small_texts());
  ASSERT_EQ(want.sizes(), (std::vector<int64_t>{first.back(), decoder->vocabulary()}));
  for (size_t text = 0; text < small_texts().tokens.size(); ++text) {
    for (size_t t = 0; t < small_texts().tokens[text].size(); ++t) {
      auto texts = small_texts();
      texts.tokens[text][t] = 100;
      const auto got = scores_of(*decoder, small_parts(), small_fused(), texts);
      const auto moved = (got - want).abs().amax(1);  // [N]
      // The token is read in row t + 1 of its text, and by all rows behind it; by no other text.
      const int64_t from = first[text] + static_cast<int64_t>(t) + 1, to = first[text + 1];
      for (int64_t row = 0; row < moved.size(0); ++row)
        EXPECT_EQ(moved[row].item<float>() > 1e-5, row >= from && row < to) << text << t << row;
    }
  }
}

TEST_P(DecoderViews, TheLanguageIsSeenByTheWholeText) {
  const auto decoder = make();
  auto texts = small_texts();
  texts.language[3] = 1;
  const auto moved = (scores_of(*decoder, small_parts(), small_fused(), texts) -
                      scores_of(*decoder, small_parts(), small_fused()))
                         .abs()
                         .amax(1);
  const auto first = first_rows(texts);
  for (int64_t row = 0; row < moved.size(0); ++row)
    EXPECT_EQ(moved[row].item<float>() > 1e-5, row >= first[3] && row < first[4]) << row;
}

TEST_P(DecoderViews, ReadsWhatItIsAskedToRead) {
  const auto decoder = make();
  const auto want = scores_of(*decoder, small_parts(), small_fused());
  const auto other_fused = scores_of(*decoder, small_parts(), small_fused(at::kFloat, 40));
  EXPECT_EQ(at::equal(other_fused, want), !reads("fused"));
  for (size_t field = 0; field < 2; ++field) {
    auto parts = small_parts();
    auto& read = parts[field].tokens.defined() ? parts[field].tokens.values : parts[field].pooled;
    read = read + 0.5;
    const auto got = scores_of(*decoder, parts, small_fused());
    EXPECT_EQ(at::equal(got, want), !reads("tokens")) << field;
  }
  auto parts = small_parts();
  parts[0].pooled = parts[0].pooled + 1;  // it has tokens: its vector is not looked at
  EXPECT_TRUE(at::equal(scores_of(*decoder, parts, small_fused()), want));
}

TEST_P(DecoderViews, ASampleIsReadByItsOwnTextsAlone) {
  const auto decoder = make();
  auto parts = small_parts();
  auto fused = small_fused();
  parts[0].tokens.values = parts[0].tokens.values.clone();
  parts[0].tokens.values[1] += 0.5;
  fused[1][0] += 0.5;
  const auto moved = (scores_of(*decoder, parts, fused) -
                      scores_of(*decoder, small_parts(), small_fused()))
                         .abs()
                         .amax(1);
  const auto first = first_rows(small_texts());
  for (int64_t row = 0; row < moved.size(0); ++row)  // text 2 is of sample 1
    EXPECT_EQ(moved[row].item<float>() > 1e-5, row >= first[2] && row < first[3]) << row;
}

TEST_P(DecoderViews, WhatIsNotThereChangesNothing) {
  const auto decoder = make();
  const auto want = scores_of(*decoder, small_parts(), small_fused());
  ASSERT_TRUE(want.isfinite().all().item<bool>());
  for (const double garbage : {-1e9, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_TRUE(at::equal(scores_of(*decoder, small_parts(garbage), small_fused()), want));
}

// Fusions and interactions leave the tokens of a sample that lacks the field out, though its mask
// calls them real; so does a decoder.
TEST_P(DecoderViews, TokensOfASampleThatLacksTheFieldAreNoTokens) {
  const auto decoder = make();
  auto parts = small_parts();
  const auto want = scores_of(*decoder, parts, small_fused());
  auto mask = parts[0].tokens.segments.mask().clone();
  mask[2].fill_(true);
  mask[kNoField].fill_(true);
  parts[0].tokens.segments = Segments::of_mask(mask);
  for (const int64_t sample : {int64_t{2}, kNoField})
    parts[0].tokens.values[sample].fill_(std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(at::equal(scores_of(*decoder, parts, small_fused()), want));
}

TEST_P(DecoderViews, AFieldThatNobodyCarriesMayHaveNoTokensAtAll) {
  const auto decoder = make();
  auto parts = small_parts();
  parts[0].present = at::zeros({kSamples}, at::kBool);
  auto without = parts;
  without[0] = {{}, at::zeros({kSamples, kSpaceWidth}), parts[0].present};
  EXPECT_TRUE(at::equal(scores_of(*decoder, without, small_fused()),
                        scores_of(*decoder, parts, small_fused())));
}

TEST_P(DecoderViews, SendsAGradientToEveryParameter) {
  for (const char* tied : {", tied: true", ", tied: false"}) {
    const auto decoder = make(tied);
    const auto texts = small_texts();
    decoder->loss(scores_of(*decoder, small_parts(), small_fused(), texts),
                  decoder->following(texts))
        .backward();
    for (const auto& [name, parameter] : decoder->named_parameters()) {
      ASSERT_TRUE(parameter.grad().defined()) << name << tied;
      EXPECT_TRUE(parameter.grad().isfinite().all().item<bool>()) << name << tied;
      EXPECT_GT(parameter.grad().abs().max().item<double>(), 0) << name << tied;
    }
  }
}

TEST_P(DecoderViews, TheKernelsAndTorchsOperatorsAgree) {
  const auto decoder = make();
  const auto single = scores_of(*decoder, small_parts(), small_fused()).to(at::kDouble);
  decoder->to(at::kDouble);  // the kernels are of floats alone
  auto parts = small_parts();
  for (auto& part : parts) {
    part.pooled = part.pooled.to(at::kDouble);
    if (part.tokens.defined()) part.tokens.values = part.tokens.values.to(at::kDouble);
  }
  const auto twice = scores_of(*decoder, parts, small_fused().to(at::kDouble));
  EXPECT_LE(largest_change(twice, single), 1e-4);
}

TEST_P(DecoderViews, FiniteDifferencesAgreeWithTheGradient) {
  const auto decoder = make(", tied: false");
  decoder->to(at::kDouble);
  auto parts = small_parts(0, at::kDouble);
  auto fused = small_fused(at::kDouble);
  fused[kNoField].copy_(fused[0].flip(0));  // the norm of zeros bends within a step or two
  auto varied = decoder->named_parameters();
  if (reads("tokens")) {
    varied.emplace_back("tokens of a", parts[0].tokens.values);
    varied.emplace_back("vector of b", parts[1].pooled);
  }
  if (reads("fused")) varied.emplace_back("fused", fused);
  for (auto& [name, tensor] : varied) tensor.set_requires_grad(true);
  const auto texts = small_texts();
  const auto truth = at::tensor(decoder->following(texts), at::kLong);
  const auto loss = [&] {  // Decoder::loss, which computes in float, in double
    return at::nll_loss(scores_of(*decoder, parts, fused, texts).log_softmax(1), truth);
  };
  loss().backward();
  const auto generator = at::detail::createCPUGenerator(8);
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

TEST_P(DecoderViews, SavedStateGivesTheSameScores) {
  const auto from = make("", 5), to = make("", 6);
  const auto want = scores_of(*from, small_parts(), small_fused());
  EXPECT_FALSE(at::equal(scores_of(*to, small_parts(), small_fused()), want));
  const auto source = from->named_parameters(), target = to->named_parameters();
  EXPECT_TRUE(from->named_buffers().empty());
  ASSERT_EQ(source.size(), target.size());
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < source.size(); ++i) {
    ASSERT_EQ(source[i].first, target[i].first);
    target[i].second.copy_(source[i].second);
  }
  EXPECT_TRUE(at::equal(scores_of(*to, small_parts(), small_fused()), want));
}

TEST_P(DecoderViews, SameSeedSameBitsWithDropoutToo) {
  const auto run = [&] {
    const auto decoder = make(", dropout: 0.2, attention_dropout: 0.2, drop_path: 0.2");
    decoder->train();
    at::manual_seed(9);
    const auto texts = small_texts();
    const auto loss = decoder->loss(scores_of(*decoder, small_parts(), small_fused(), texts),
                                    decoder->following(texts));
    loss.backward();
    std::vector<at::Tensor> result = {loss};
    for (const auto& parameter : decoder->parameters()) {
      result.push_back(parameter);
      if (parameter.grad().defined()) result.push_back(parameter.grad());
    }
    return result;
  };
  const auto once = run(), again = run();
  ASSERT_EQ(once.size(), again.size());
  for (size_t i = 0; i < once.size(); ++i) EXPECT_TRUE(at::equal(once[i], again[i])) << i;
}

INSTANTIATE_TEST_SUITE_P(All, DecoderViews, testing::Values("tokens", "fused", "both"),
                         [](const auto& test) { return test.param; });

TEST(Decoder, LooksAreOfEachHeadAndSumToOneWhereThereIsASource) {
  const auto decoder = small_decoder();
  std::vector<LayerLook> looks;
  const auto source = decoder->see(small_parts(), small_fused());
  const auto seen = decoder->forward(source, small_texts(), &looks);
  EXPECT_LE(largest_change(seen, decoder->forward(source, small_texts())), 1e-5);
  ASSERT_EQ(looks.size(), 2u);  // layers
  // Samples and heads; the most rows of a sample (3: 6 + 3), the steps of both fields (4 + 1).
  ASSERT_EQ(looks[0].source.sizes(), (std::vector<int64_t>{kSamples * 2, 9, 5}));
  const auto sums = looks[1].source.view({kSamples, 2, 9, 5}).sum(3).select(2, 0);  // [S, H], first rows
  for (const int64_t sample : {0, 1, 2}) EXPECT_NEAR(sums[sample][1].item<float>(), 1, 1e-5);
  for (const int64_t sample : {kNoToken, kNoField}) EXPECT_EQ(sums[sample][1].item<float>(), 0);
  EXPECT_TRUE(looks[0].source.requires_grad());
}

TEST(Decoder, WithoutAnOpinionTheLossIsLogV) {
  const auto texts = small_texts();
  for (const char* tied : {", tied: true", ", tied: false"}) {
    const auto decoder = small_decoder(tied);
    const at::NoGradGuard no_grad;
    for (auto& [name, parameter] : decoder->named_parameters()) {
      if (name.starts_with("output") || name == "tokens.weight") parameter.zero_();
    }
    const auto scores = scores_of(*decoder, small_parts(), small_fused(), texts);
    // log_softmax in float: a rounding of 2e-7 at 5.6.
    EXPECT_NEAR(decoder->loss(scores, decoder->following(texts)).item<double>(),
                std::log(static_cast<double>(decoder->vocabulary())), 1e-6);
  }
}

TEST(Decoder, TheLossIsTheMeanOverTokensWithTheTruthSmoothed) {
  // p = (1/2, 1/4, 1/4), truth 0; p = (1/8, 1/8, 3/4), truth 2.
  const auto scores = at::tensor({2.f, 1.f, 1.f, 1.f, 1.f, 6.f}).view({2, 3}).log();
  const double plain = -(std::log(1.0 / 2) + std::log(3.0 / 4)) / 2;
  EXPECT_NEAR(small_decoder()->loss(scores, {0, 2}).item<double>(), plain, 1e-6);
  const double spread = -(std::log(1.0 / 32) + std::log(3.0 / 256)) / 6;  // of all three tokens
  EXPECT_NEAR(small_decoder(", label_smoothing: 0.3")->loss(scores, {0, 2}).item<double>(),
              0.7 * plain + 0.3 * spread, 1e-6);
}

TEST(Decoder, TheGradientOfTheLossIsProbabilityMinusTruth) {
  auto scores = at::tensor({2.f, 1.f, 1.f, 1.f, 1.f, 6.f}).view({2, 3}).log().requires_grad_();
  small_decoder(", label_smoothing: 0.3")->loss(scores, {0, 2}).backward();
  // The truth is 0.7 + 0.1 and 0.1 elsewhere; half of it, as there are two rows.
  const auto want = at::tensor({0.25f - 0.4f, 0.125f - 0.05f, 0.125f - 0.05f,  //
                                0.0625f - 0.05f, 0.0625f - 0.05f, 0.375f - 0.4f})
                        .view({2, 3});
  EXPECT_LE(largest_change(scores.grad(), want), 1e-6);
}

TEST(Decoder, WhatIsLongerThanMaxTokensIsCutWithoutAnEnd) {
  const auto decoder = small_decoder("", 5, 4);
  const int64_t end = decoder->end();
  EXPECT_EQ(end, small_tokenizer()->special_ids().eos);
  // Of four tokens the end is one: three and the end fit, four are cut, five lose one.
  const TextBatch texts{{0, 0, 1, 2}, {0, 0, 0, 0}, {{11, 12, 13}, {21, 22, 23, 24}, {},
                                                     {31, 32, 33, 34, 35}}};
  EXPECT_EQ(decoder->following(texts), (std::vector<int64_t>{11, 12, 13, end,  //
                                                             21, 22, 23, 24,   //
                                                             end,              //
                                                             31, 32, 33, 34}));
  const auto scores = scores_of(*decoder, small_parts(), small_fused(), texts);
  EXPECT_EQ(scores.size(0), 13);
  auto longer = texts;
  longer.tokens[3][3] = 99;  // is to be written, never read
  longer.tokens[3][4] = 98;  // neither
  EXPECT_TRUE(at::equal(scores_of(*decoder, small_parts(), small_fused(), longer), scores));
}

TEST(Decoder, HeadsThatDoNotDivideTheWidthAreRefusedWhereTheyStand) {
  TargetFacts facts;
  facts.languages = {""};
  facts.tokenizer = small_tokenizer();
  const auto made = [&](const std::string& yaml) {
    make_generation(ConfigNode::parse(yaml, "r.yaml"), {kSpaceWidth, kFusedWidth, {"a"}, facts});
  };
  EXPECT_EQ(error_of([&] { made("kind: generation\nwidth: 8\nheads: 3\n"); }),
            "config: r.yaml:3:8: heads: 3 does not divide width 8");
  EXPECT_NE(error_of([&] { made("kind: generation\nwidth: 6\n"); })
                .find("r.yaml:1:1: heads: 4 does not divide width 6"),
            std::string::npos);
  EXPECT_NE(error_of([&] { made("kind: generation\nwidht: 8\n"); }).find("r.yaml:2:"),
            std::string::npos);
}

TEST(Decoder, CountsMoreWorkForMoreSource) {
  const auto both = small_decoder(), fused = small_decoder(", reads: fused");
  EXPECT_GT(both->flops(10), both->flops(1));
  EXPECT_EQ(fused->flops(10), fused->flops(1));
  EXPECT_GT(both->flops(1), fused->flops(1));
}

}  // namespace
}  // namespace braid
