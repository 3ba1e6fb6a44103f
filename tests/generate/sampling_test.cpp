// What a search draws, and what ends or bends a text: repetition penalty, stop strings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "braid/core/rng.h"
#include "braid/generate/next_token.h"
#include "braid/generate/search.h"
#include "chain_decoder.h"

namespace braid {
namespace {

using ::testing::ElementsAre;

SearchConfig draw_config(int64_t best, int64_t max_tokens) {
  SearchConfig config;
  config.sample = true;
  config.best = best;
  config.max_tokens = max_tokens;
  return config;
}

std::vector<float> log_row(const std::vector<double>& probabilities) {
  std::vector<float> logits;
  for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p)));
  return logits;
}

// How often each token begins a text, of 4000 samples with a seed of their own.
std::vector<double> first_token_counts(const std::vector<double>& probabilities,
                                       const SearchConfig& config) {
  ChainDecoder decoder(std::ssize(probabilities), [&](int64_t, const std::vector<int64_t>&) {
    return log_row(probabilities);
  });
  SearchContext context;
  context.seed = 7;
  std::vector<double> counts(probabilities.size());
  for (const auto& texts : write_texts(decoder, 4000, config, context))
    counts[texts[0].tokens.empty() ? 0 : static_cast<size_t>(texts[0].tokens[0])] += 1;
  return counts;
}

// Four standard deviations of a binomial: 6 in 100,000 seeds would fail.
void expect_frequencies(const std::vector<double>& counts, const std::vector<double>& wanted) {
  ASSERT_EQ(counts.size(), wanted.size());
  for (size_t t = 0; t < counts.size(); ++t) {
    const double p = wanted[t];
    EXPECT_NEAR(counts[t], 4000 * p, 4 * std::sqrt(4000 * p * (1 - p))) << "token " << t;
  }
}

TEST(Sampling, DrawsTokensAsOftenAsTheyAreProbable) {
  expect_frequencies(first_token_counts({.5, .3, .2}, draw_config(1, 1)), {.5, .3, .2});
}

TEST(Sampling, DividesLogitsByTheTemperature) {
  auto config = draw_config(1, 1);
  config.temperature = 0.5;  // p^2: .25 .09 .04 of .38
  expect_frequencies(first_token_counts({.5, .3, .2}, config), {.25 / .38, .09 / .38, .04 / .38});
}

TEST(Sampling, ScoresByTheDecoderWhateverTheTemperature) {
  ChainDecoder decoder(3, markov_chain({{0, .7, .3}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}}));
  auto config = draw_config(4, 3);
  config.temperature = 3;
  config.top_k = 2;
  const auto texts = write_texts(decoder, 1, config);
  for (const auto& text : texts[0])
    EXPECT_NEAR(text.log_probability, std::log(text.tokens[0] == 1 ? .7 : .3), 1e-6);
}

TEST(Sampling, DrawsOfTheNucleusOnly) {
  auto config = draw_config(1, 1);
  const std::vector<double> p = {.15, .5, .05, .3};
  config.top_p = .75;  // .5 is not enough, .5 + .3 is
  expect_frequencies(first_token_counts(p, config), {0, .625, 0, .375});
  config.top_p = .85;  // .5 + .3 + .15
  expect_frequencies(first_token_counts(p, config), {.15 / .95, .5 / .95, 0, .3 / .95});
  config.top_p = .45;
  expect_frequencies(first_token_counts(p, config), {0, 1, 0, 0});
  // Of the two that top_k leaves, .5 is .625: the nucleus of .6 is that one, of .65 both.
  config.top_k = 2;
  config.top_p = .6;
  expect_frequencies(first_token_counts(p, config), {0, 1, 0, 0});
  config.top_p = .65;
  expect_frequencies(first_token_counts(p, config), {0, .625, 0, .375});
  config.top_p = 1;
  expect_frequencies(first_token_counts(p, config), {0, .625, 0, .375});
}

TEST(Sampling, FindsNucleiOfAnySize) {
  // 1000 tokens as probable: the nucleus of .3 is the first 300, more than are looked at first.
  NextToken next;
  next.read(std::vector<float>(1000, 0.5f), {}, 1);
  EXPECT_EQ(next.draw({1, 0, .2995}, 0), 0);
  EXPECT_EQ(next.draw({1, 0, .2995}, 1 - 0x1p-53), 299);
  EXPECT_EQ(next.draw({1, 0, 1}, 1 - 0x1p-53), 999);
  EXPECT_EQ(next.draw({1, 10, 1}, 1 - 0x1p-53), 9);
  next.forbid(0);
  EXPECT_EQ(next.draw({1, 10, 1}, 1 - 0x1p-53), 10);
  EXPECT_EQ(next.draw({1, 0, 1}, 0), 1);
}

TEST(Sampling, DrawsBesideAForbiddenTokenFarAboveTheOthers) {
  NextToken next;
  next.read(std::vector<float>{100, 1, 2}, {}, 1);
  next.forbid(0);
  EXPECT_EQ(next.draw({.01, 0, 1}, .5), 2);  // exp(-9800) would be 0 for both
  next.forbid(2);
  EXPECT_EQ(next.draw({.01, 0, .9}, .5), 0);
  next.read(std::vector<float>{1}, {}, 1);
  next.forbid(0);
  EXPECT_EQ(next.draw({1, 3, .9}, .5), -1);
}

TEST(Sampling, IsGreedyWhenColdAndWithOneToken) {
  const auto logits = [](int64_t sample, const std::vector<int64_t>& history) {
    Rng rng(mix(static_cast<uint64_t>(sample), history.size() + 1));
    std::vector<float> row;
    for (int t = 0; t < 9; ++t) row.push_back(static_cast<float>(rng.normal()));
    return row;
  };
  SearchConfig greedy;
  greedy.max_tokens = 12;
  auto cold = draw_config(1, 12), one = draw_config(1, 12), narrow = draw_config(1, 12);
  cold.temperature = 1e-6;
  one.top_k = 1;
  narrow.top_p = 1e-9;
  ChainDecoder decoder(9, logits);
  const auto wanted = write_texts(decoder, 10, greedy);
  for (const auto& config : {cold, one, narrow}) {
    ChainDecoder own(9, logits);
    const auto got = write_texts(own, 10, config);
    for (size_t s = 0; s < 10; ++s) {
      EXPECT_EQ(got[s][0].tokens, wanted[s][0].tokens);
      EXPECT_EQ(got[s][0].log_probability, wanted[s][0].log_probability);
    }
  }
}

TEST(Sampling, SortsItsDrawsByLogProbabilityAndRepeatsThemForASeed) {
  const auto chain = markov_chain({{.1, .5, .4}, {1, 0, 0}, {.3, .3, .4}, {.3, .4, .3}});
  SearchContext context;
  std::map<std::vector<int64_t>, int> seen;
  for (context.seed = 0; context.seed < 3; ++context.seed) {
    ChainDecoder decoder(3, chain), again(3, chain);
    const auto texts = write_texts(decoder, 1, draw_config(8, 20), context)[0];
    const auto repeated = write_texts(again, 1, draw_config(8, 20), context)[0];
    ASSERT_EQ(texts.size(), 8u);
    for (size_t i = 0; i < 8; ++i) {
      EXPECT_EQ(texts[i].tokens, repeated[i].tokens);
      if (i > 0) {
        EXPECT_GE(texts[i - 1].log_probability, texts[i].log_probability);
      }
      ++seen[texts[i].tokens];
    }
  }
  EXPECT_GT(seen.size(), 8u);  // draws and seeds differ
}

TEST(RepetitionPenalty, DividesPositiveLogitsAndMultipliesNegativeOnes) {
  // Written: A (2 -> 2 / 4 = .5) and B (-1 -> -4), A twice: penalized once. C 0 was not written.
  const std::vector<float> logits = {-1, 2, -1, 0};
  const std::vector<int64_t> written = {1, 2, 1};
  NextToken next;
  next.read(logits, written, 4);
  const double sum = std::exp(-1) + std::exp(.5) + std::exp(-4) + 1;
  EXPECT_NEAR(next.log_probability(0), -1 - std::log(sum), 1e-12);
  EXPECT_NEAR(next.log_probability(1), .5 - std::log(sum), 1e-12);
  EXPECT_NEAR(next.log_probability(2), -4 - std::log(sum), 1e-12);
  EXPECT_NEAR(next.log_probability(3), 0 - std::log(sum), 1e-12);
  EXPECT_THAT(next.best(9), ElementsAre(1, 3, 0, 2));
  EXPECT_THAT(next.best(2), ElementsAre(1, 3));
}

TEST(RepetitionPenalty, BreaksALoop) {
  // A A A A without it. With 3: A, then A is 1 < B 2, then both are penalized: B .67 < A 1.
  const auto loop = [](int64_t, const std::vector<int64_t>&) {
    return std::vector<float>{-5, 3, 2};
  };
  SearchConfig config;
  config.max_tokens = 4;
  ChainDecoder decoder(3, loop), penalized(3, loop);
  EXPECT_THAT(write_texts(decoder, 1, config)[0][0].tokens, ElementsAre(1, 1, 1, 1));
  config.repetition_penalty = 3;
  EXPECT_THAT(write_texts(penalized, 1, config)[0][0].tokens, ElementsAre(1, 2, 1, 1));
}

// Writes 1, 2, 3, ... and never ends by itself; the last token is repeated.
ChainDecoder counting_decoder(int64_t vocabulary) {
  return {vocabulary, [vocabulary](int64_t, const std::vector<int64_t>& history) {
            std::vector<float> row(static_cast<size_t>(vocabulary), 0.f);
            row[std::min(history.size() + 1, row.size() - 1)] = 5;
            return row;
          }};
}

Written text_of_pieces(const std::vector<std::string>& pieces, std::vector<std::string> stop,
                       int64_t beam = 1) {
  SearchConfig config;
  config.beam = beam;
  config.max_tokens = 6;
  config.stop = std::move(stop);
  SearchContext context;
  context.decode = [&](std::span<const int64_t> tokens) {
    std::string text;
    for (const int64_t token : tokens) text += pieces[static_cast<size_t>(token)];
    return text;
  };
  auto decoder = counting_decoder(std::ssize(pieces));
  return write_texts(decoder, 1, config, context)[0][0];
}

TEST(StopString, EndsTheTextBeforeIt) {
  for (const int64_t beam : {1, 3}) {
    const auto text = text_of_pieces({"", "one", " two.", " three"}, {"."}, beam);
    EXPECT_EQ(text.text, "one two");
    EXPECT_THAT(text.tokens, ElementsAre(1, 2));
    EXPECT_TRUE(text.ended);
  }
}

TEST(StopString, MayLieOnTwoTokens) {
  const auto text = text_of_pieces({"", "one EN", "D two", " three"}, {"END"});
  EXPECT_EQ(text.text, "one ");
  EXPECT_THAT(text.tokens, ElementsAre(1, 2));
}

TEST(StopString, MayBeACharacterWhoseBytesAreTwoTokens) {
  // U+3002, the full stop of Chinese, is E3 80 82.
  const auto text = text_of_pieces({"", "\xE4\xBD\xA0\xE5\xA5\xBD", "\xE3\x80", "\x82x", "y"},
                                   {"\xE3\x80\x82"});
  EXPECT_EQ(text.text, "\xE4\xBD\xA0\xE5\xA5\xBD");
  EXPECT_THAT(text.tokens, ElementsAre(1, 2, 3));
}

TEST(StopString, IsTheFirstInTheTextNotInTheList) {
  EXPECT_EQ(text_of_pieces({"", "a;b.c", "d"}, {".", ";"}).text, "a");
  EXPECT_EQ(text_of_pieces({"", "a;b.c", "d"}, {";", "."}).text, "a");
  EXPECT_EQ(text_of_pieces({"", ".", "d"}, {"."}).text, "");  // an empty text is a text
}

TEST(StopString, LeavesTextsAloneThatDoNotHoldIt) {
  const auto text = text_of_pieces({"", "a", "b"}, {"."});
  EXPECT_FALSE(text.text);
  EXPECT_FALSE(text.ended);
  EXPECT_THAT(text.tokens, ElementsAre(1, 2, 2, 2, 2, 2));
}

TEST(StopString, NeedsAWayFromTokensToText) {
  auto decoder = counting_decoder(3);
  SearchConfig config;
  config.max_tokens = 3;
  config.stop = {"."};
  EXPECT_THROW(write_texts(decoder, 1, config), Error);
}

}  // namespace
}  // namespace braid
