// What a transcriber promises: paths read as texts, the loss sums over them, what does not fit is
// left out.
#include "braid/generate/transcriber.h"

#include <gmock/gmock.h>

#include <cmath>

#include "braid/core/error.h"
#include "tests/generate/small_decoder.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using namespace generate_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kPathTolerance = 1e-5;  // float32

std::shared_ptr<Transcriber> small_transcriber(const std::string& field = "a") {
  TargetFacts facts;
  facts.languages = {""};
  facts.tokenizer = small_tokenizer();
  at::manual_seed(7);
  const auto node =
      ConfigNode::parse("{kind: transcription, target: t, field: " + field + "}", "r.yaml");
  auto made = make_transcription(node, {kSpaceWidth, kFusedWidth, {"a", "b"}, facts});
  const at::NoGradGuard no_grad;
  for (const auto& parameter : made->parameters()) parameter.add_(at::randn_like(parameter) * 0.4);
  return made;
}

TextBatch said(std::vector<int64_t> sample, std::vector<std::vector<int64_t>> tokens) {
  return {sample, std::vector<int64_t>(sample.size(), 0), std::move(tokens)};
}

// -log of the sum over every path of `steps` rows from `first` that reads as the text.
double nats_of_paths(const Tokens& heard, int64_t first, int64_t steps,
                     const std::vector<int64_t>& text) {
  const auto p = heard.rows().softmax(1);
  std::vector<int64_t> known = {0};  // no other token is on such a path
  for (const int64_t token : text) known.push_back(token + 1);
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  const auto choices = std::ssize(known);
  double sum = 0;
  for (int64_t number = 0; number < std::pow(choices, steps); ++number) {
    std::vector<int64_t> path;
    double product = 1;
    for (int64_t t = 0, rest = number; t < steps; ++t, rest /= choices) {
      path.push_back(known[static_cast<size_t>(rest % choices)]);
      product *= p[first + t][path.back()].item<double>();
    }
    if (read_path(path) == text) sum += product;
  }
  return -std::log(sum);
}

TEST(ReadPath, LeavesRepeatsOutAndThenBlanks) {
  EXPECT_THAT(read_path({1, 1, 0, 1, 2, 2, 0}), ElementsAre(0, 0, 1));
  EXPECT_THAT(read_path({3, 1, 3}), ElementsAre(2, 0, 2));
  EXPECT_THAT(read_path({0, 0}), IsEmpty());
  EXPECT_THAT(read_path({}), IsEmpty());
}

TEST(Transcriber, LossIsTheSumOverAllPathsThatReadAsTheText) {
  const auto transcriber = small_transcriber();
  const auto heard = transcriber->hear(small_parts());
  ASSERT_EQ(heard.segments.offsets()[1], 3);
  ASSERT_EQ(heard.values.size(1), small_tokenizer()->vocabulary() + 1);
  for (const std::vector<int64_t>& text : {std::vector<int64_t>{10}, {10, 20}, {20, 10}, {10, 10},
                                           {10, 20, 30}, {10, 20, 10}}) {
    const auto loss = transcriber->loss(heard, said({0}, {text}));
    EXPECT_NEAR(loss.value.item<double>(),
                nats_of_paths(heard, 0, 3, text) / static_cast<double>(text.size()),
                kPathTolerance);
    EXPECT_EQ(loss.too_long, 0);
  }
}

TEST(Transcriber, LossIsPerTokenOfAllTexts) {
  const auto transcriber = small_transcriber();
  const auto heard = transcriber->hear(small_parts());
  const auto both = transcriber->loss(heard, said({0, 1}, {{10, 20}, {5}}));
  const double want = nats_of_paths(heard, 0, 3, {10, 20}) + nats_of_paths(heard, 3, 1, {5});
  EXPECT_NEAR(both.value.item<double>(), want / 3, kPathTolerance);
}

TEST(Transcriber, LeavesOutWhatTheFieldHasTooFewTokensFor) {
  const auto transcriber = small_transcriber();
  const auto heard = transcriber->hear(small_parts());
  // Three tokens: equal neighbours need a blank between them. One: two tokens do not fit.
  const auto some = transcriber->loss(heard, said({0, 0, 1, 1}, {{9, 9, 8}, {9, 8}, {5, 6}, {5}}));
  EXPECT_EQ(some.too_long, 2);
  const auto fitting = transcriber->loss(heard, said({0, 1}, {{9, 8}, {5}}));
  EXPECT_EQ(some.value.item<double>(), fitting.value.item<double>());
  const auto none = transcriber->loss(heard, said({1}, {{5, 6}}));
  EXPECT_EQ(none.too_long, 1);
  EXPECT_FALSE(none.value.defined());
  // Samples that say nothing at all have no part in it.
  const auto silent = transcriber->loss(heard, said({2, kNoToken, kNoField}, {{1}, {2}, {3}}));
  EXPECT_EQ(silent.too_long, 0);
  EXPECT_FALSE(silent.value.defined());
}

TEST(Transcriber, ReadsTheMostProbablePath) {
  const auto transcriber = small_transcriber();
  const auto heard = transcriber->hear(small_parts());
  const auto texts = transcriber->read(heard);
  ASSERT_EQ(std::ssize(texts), kSamples);
  const auto best = heard.rows().log_softmax(1).max(1);
  std::vector<int64_t> path;
  for (int64_t row = 0; row < 3; ++row) path.push_back(std::get<1>(best)[row].item<int64_t>());
  EXPECT_EQ(texts[0].tokens, read_path(path));
  EXPECT_EQ(texts[0].text, small_tokenizer()->decode(texts[0].tokens));
  EXPECT_NEAR(texts[0].log_probability, std::get<0>(best).slice(0, 0, 3).sum().item<double>(),
              kPathTolerance);
  EXPECT_EQ(texts[2].text, "");
  EXPECT_EQ(texts[2].log_probability, 0);  // the empty path is the only one
}

TEST(Transcriber, LearnsWhatIsSaid) {
  const auto transcriber = small_transcriber();
  const auto texts = said({0, 1}, {{10, 20}, {5}});
  for (int step = 0; step < 60; ++step) {
    for (const auto& parameter : transcriber->parameters()) parameter.mutable_grad() = at::Tensor();
    transcriber->loss(transcriber->hear(small_parts()), texts).value.backward();
    const at::NoGradGuard no_grad;
    for (const auto& parameter : transcriber->parameters()) {
      ASSERT_TRUE(parameter.grad().defined());
      parameter.sub_(parameter.grad(), 0.5);
    }
  }
  const auto heard = transcriber->hear(small_parts());
  EXPECT_EQ(transcriber->loss(heard, texts).accuracy, 1);
  EXPECT_THAT(transcriber->read(heard)[0].tokens, ElementsAre(10, 20));
  EXPECT_THAT(transcriber->read(heard)[1].tokens, ElementsAre(5));
}

TEST(Transcriber, WhatNoTokenHoldsIsNotSeen) {
  const auto transcriber = small_transcriber();
  const auto clean = transcriber->hear(small_parts()), other = transcriber->hear(small_parts(1e3));
  EXPECT_TRUE(at::equal(clean.rows(), other.rows()));
}

TEST(Transcriber, RefusesAFieldWithoutTokens) {
  const auto transcriber = small_transcriber("b");
  EXPECT_THAT(error_of([&] { transcriber->hear(small_parts()); }),
              HasSubstr("field 'b' makes no tokens"));
}

}  // namespace
}  // namespace braid
