#include "braid/generate/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "braid/core/rng.h"
#include "chain_decoder.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using SearchTokens = std::vector<int64_t>;

constexpr double kFloatLogits = 1e-6;  // log p as float: a few 6e-8, relative

SearchConfig search_config(int64_t beam, int64_t best, int64_t max_tokens, double penalty = 1) {
  SearchConfig config;
  config.beam = beam;
  config.best = best;
  config.max_tokens = max_tokens;
  config.length_penalty = penalty;
  return config;
}

std::vector<Written> search_one(ChainDecoder& decoder, const SearchConfig& config,
                                const SearchContext& context = {}) {
  return write_texts(decoder, 1, config, context).at(0);
}

// Logits that depend on the whole text so far: a wrong parent would show.
ChainLogits random_logits(uint64_t seed, int64_t vocabulary, double spread) {
  return [=](int64_t sample, const SearchTokens& history) {
    uint64_t key = mix(seed, static_cast<uint64_t>(sample));
    for (const int64_t token : history) key = mix(key, static_cast<uint64_t>(token) + 1);
    Rng rng(key);
    std::vector<float> logits;
    for (int64_t t = 0; t < vocabulary; ++t)
      logits.push_back(static_cast<float>(spread * rng.normal()));
    return logits;
  };
}

// log p of each token in the plainest way.
std::vector<double> plain_log_softmax(const std::vector<float>& logits) {
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  std::vector<double> result;
  for (const float logit : logits) result.push_back(logit - std::log(sum));
  return result;
}

// Every text of up to max_tokens, scored.
void all_texts(const ChainLogits& logits, const SearchConfig& config, const SearchTokens& history,
               double log_probability, std::vector<Written>& out) {
  const auto length = std::ssize(history);
  const auto score = [&](double log_p, int64_t tokens) {
    return log_p / std::pow(static_cast<double>(tokens), config.length_penalty);
  };
  if (length == config.max_tokens) {
    out.push_back({history, log_probability, score(log_probability, length), false, {}});
    return;
  }
  const auto row = plain_log_softmax(logits(0, history));
  out.push_back({history, log_probability + row[0], score(log_probability + row[0], length + 1),
                 true, {}});
  for (int64_t token = 1; token < std::ssize(row); ++token) {
    auto longer = history;
    longer.push_back(token);
    all_texts(logits, config, longer, log_probability + row[static_cast<size_t>(token)], out);
  }
}

void expect_equal_texts(const std::vector<Written>& got, const std::vector<Written>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].tokens, wanted[i].tokens) << i;
    EXPECT_EQ(got[i].log_probability, wanted[i].log_probability) << i;
    EXPECT_EQ(got[i].score, wanted[i].score) << i;
    EXPECT_EQ(got[i].ended, wanted[i].ended) << i;
    EXPECT_EQ(got[i].text, wanted[i].text) << i;
  }
}

// End, A, B. A is the likelier beginning, but leads nowhere: after B the text nearly always ends.
ChainLogits garden_path() {
  return markov_chain({{0, .6, .4}, {1, 0, 0}, {.4, .3, .3}, {.9, .05, .05}});
}

TEST(Search, FindsWithABeamOfTwoTheTextThatGreedyMisses) {
  // Greedy: A .6, then its likeliest successor is the end, .4: p = .24. Beam 2 also keeps B .4, and
  // B ends with .9: p = .36. Two tokens each, the end counted.
  ChainDecoder greedy(3, garden_path()), beam(3, garden_path());
  const auto missed = search_one(greedy, search_config(1, 1, 5));
  ASSERT_EQ(missed.size(), 1u);
  EXPECT_THAT(missed[0].tokens, ElementsAre(1));
  EXPECT_NEAR(missed[0].log_probability, std::log(.24), kFloatLogits);
  EXPECT_NEAR(missed[0].score, std::log(.24) / 2, kFloatLogits);
  EXPECT_TRUE(missed[0].ended);
  EXPECT_FALSE(missed[0].text);

  const auto found = search_one(beam, search_config(2, 2, 5, 0));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_THAT(found[0].tokens, ElementsAre(2));
  EXPECT_NEAR(found[0].log_probability, std::log(.36), kFloatLogits);
  EXPECT_THAT(found[1].tokens, ElementsAre(1));
  // The live A A and A B have p = .18 < .24 and can only lose: two calls, then it is settled.
  EXPECT_THAT(beam.rows_a_call, ElementsAre(1, 2));
}

TEST(Search, GoesOnWhileALongerTextCanStillScoreHigher) {
  // The same with penalty 1: A A may yet score log .18 / 5 = -.34, above log .24 / 2 = -.71.
  ChainDecoder decoder(3, garden_path());
  const auto found = search_one(decoder, search_config(2, 2, 5, 1));
  EXPECT_GT(decoder.rows_a_call.size(), 2u);
  EXPECT_THAT(found[0].tokens, ElementsAre(2));
}

TEST(Search, BoundsALiveTextByTheLongestThatItCanBecome) {
  // "" scores log .4 = -.92. A alone has log .15 / 2 = -.95 at its next token, but A B end, both
  // certain, log .15 / 3 = -.63.
  std::vector<std::vector<double>> rows(6, std::vector<double>(5, .2));
  rows[0] = {.4, .15, .15, .15, .15};
  rows[2] = {0, 0, 1, 0, 0};  // A: B follows
  rows[3] = {1, 0, 0, 0, 0};  // B: the end
  ChainDecoder decoder(5, markov_chain(rows));
  const auto text = search_one(decoder, search_config(2, 1, 3, 1))[0];
  EXPECT_THAT(text.tokens, ElementsAre(1, 2));
  EXPECT_NEAR(text.score, std::log(.15) / 3, kFloatLogits);
}

TEST(Search, FinishesATextWhoseEndIsAmongTwiceTheBeam) {
  // "" has p = .1, behind the live A and B. All that goes on splits up: A end has .6 * .1.
  const auto split = std::vector<double>{.1, .45, .45};
  ChainDecoder decoder(3, markov_chain({{.1, .6, .3}, {1, 0, 0}, split, split}));
  const auto text = search_one(decoder, search_config(2, 1, 5, 0))[0];
  EXPECT_THAT(text.tokens, IsEmpty());
  EXPECT_NEAR(text.log_probability, std::log(.1), kFloatLogits);
}

TEST(Search, PrefersLongerTextsByTheLengthPenalty) {
  // "": p = .5, one token. A: .5 * .8 = .4, two tokens: log .5 = -.69 < log .4 / 2 = -.46.
  const auto chain = markov_chain({{.5, .5, 0}, {1, 0, 0}, {.8, .1, .1}, {1, 0, 0}});
  ChainDecoder plain(3, chain), penalized(3, chain);
  const auto without = search_one(plain, search_config(2, 1, 2, 0));
  EXPECT_THAT(without[0].tokens, IsEmpty());
  EXPECT_NEAR(without[0].score, std::log(.5), kFloatLogits);
  const auto with = search_one(penalized, search_config(2, 1, 2, 1));
  EXPECT_THAT(with[0].tokens, ElementsAre(1));
  EXPECT_NEAR(with[0].score, std::log(.4) / 2, kFloatLogits);
}

TEST(Search, IsGreedyWithABeamOfOne) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto logits = random_logits(seed, 6, 1);
    ChainDecoder decoder(6, logits);
    const auto got = search_one(decoder, search_config(1, 1, 12, 0));
    SearchTokens wanted;
    bool ended = false;
    while (!ended && wanted.size() < 12) {
      const auto row = logits(0, wanted);
      const auto token = std::max_element(row.begin(), row.end()) - row.begin();
      ended = token == 0;
      if (!ended) wanted.push_back(token);
    }
    EXPECT_EQ(got[0].tokens, wanted) << seed;
    EXPECT_EQ(got[0].ended, ended) << seed;
  }
}

TEST(Search, FindsWhatTryingEveryTextFindsWhenTheBeamIsWide) {
  for (const double penalty : {0.0, 0.7, 1.0}) {
    for (uint64_t seed = 0; seed < 30; ++seed) {
      // Three tokens, two of which go on: at most 2^4 hypotheses branch, 64 hold every one.
      const auto logits = random_logits(seed, 3, seed % 2 ? 1 : 4);
      const auto config = search_config(64, 5, 5, penalty);
      ChainDecoder decoder(3, logits);
      const auto got = search_one(decoder, config);
      std::vector<Written> wanted;
      all_texts(logits, config, {}, 0, wanted);
      EXPECT_EQ(wanted.size(), 63u);  // 1 + 2 + 4 + 8 + 16 that end, 32 that do not
      std::stable_sort(wanted.begin(), wanted.end(),
                       [](const Written& a, const Written& b) { return a.score > b.score; });
      ASSERT_EQ(got.size(), 5u);
      for (size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(got[i].tokens, wanted[i].tokens) << penalty << " " << seed << " " << i;
        EXPECT_EQ(got[i].ended, wanted[i].ended);
        EXPECT_NEAR(got[i].log_probability, wanted[i].log_probability, 1e-12);
        EXPECT_NEAR(got[i].score, wanted[i].score, 1e-12);
      }
    }
  }
}

TEST(Search, ListsDifferentTextsBestFirst) {
  ChainDecoder decoder(8, random_logits(3, 8, 1));
  const auto texts = search_one(decoder, search_config(6, 6, 10));
  ASSERT_EQ(texts.size(), 6u);
  std::set<std::pair<SearchTokens, bool>> once;
  for (size_t i = 0; i < texts.size(); ++i) {
    once.emplace(texts[i].tokens, texts[i].ended);
    if (i > 0) {
      EXPECT_GE(texts[i - 1].score, texts[i].score);
    }
  }
  EXPECT_EQ(once.size(), 6u);
}

TEST(Search, WritesTheSameForASampleInABatchAndAlone) {
  for (const bool sample : {false, true}) {
    for (const int64_t beam : {1, 4}) {
      if (sample && beam > 1) continue;
      auto config = search_config(beam, sample ? 3 : beam, 20, 0);
      config.sample = sample;
      config.repetition_penalty = 1.3;
      const auto logits = random_logits(11, 7, 1.5);
      SearchContext context;
      context.seed = 5;
      context.numbers = {40, 2, 17, 9, 3};
      ChainDecoder together(7, logits);
      const auto batch = write_texts(together, 5, config, context);
      ASSERT_EQ(batch.size(), 5u);
      // Texts end at different steps: the batch shrinks.
      EXPECT_LT(together.rows_a_call.back(), together.rows_a_call[1]);
      for (int64_t s = 0; s < 5; ++s) {
        ChainDecoder alone(7, [&](int64_t, const SearchTokens& h) { return logits(s, h); });
        SearchContext own;
        own.seed = 5;
        own.numbers = {context.numbers[static_cast<size_t>(s)]};
        expect_equal_texts(search_one(alone, config, own), batch[static_cast<size_t>(s)]);
      }
    }
  }
}

TEST(Search, GivesTiesToTheLowerToken) {
  // All texts of two tokens without end are as probable; the beam holds the first of them.
  const auto chain = markov_chain({{0, .25, .25, .25, .25},
                                   {1, 0, 0, 0, 0},
                                   {0, .25, .25, .25, .25},
                                   {0, .25, .25, .25, .25},
                                   {0, .25, .25, .25, .25},
                                   {0, .25, .25, .25, .25}});
  ChainDecoder decoder(5, chain);
  const auto texts = search_one(decoder, search_config(2, 2, 2));
  EXPECT_THAT(texts[0].tokens, ElementsAre(1, 1));
  EXPECT_THAT(texts[1].tokens, ElementsAre(1, 2));
  ChainDecoder greedy(5, chain);
  EXPECT_THAT(search_one(greedy, search_config(1, 1, 2))[0].tokens, ElementsAre(1, 1));
}

TEST(Search, WritesNoEndBeforeMinTokens) {
  // The end is the likeliest everywhere; log p stays the decoder's, so that two forced A cost .3^2.
  const auto chain = markov_chain({{.6, .3, .1}, {1, 0, 0}, {.6, .3, .1}, {.6, .3, .1}});
  for (const int64_t beam : {1, 2}) {
    ChainDecoder decoder(3, chain);
    auto config = search_config(beam, 1, 8, 0);
    config.min_tokens = 2;
    const auto text = search_one(decoder, config)[0];
    EXPECT_THAT(text.tokens, ElementsAre(1, 1));
    EXPECT_TRUE(text.ended);
    EXPECT_NEAR(text.log_probability, std::log(.3 * .3 * .6), kFloatLogits);
  }
}

TEST(Search, StopsAtMaxTokensAndSaysThatTheTextDidNotEnd) {
  // A A A ... with .9 each, and B where it ends.
  const auto chain = markov_chain({{.1, .9, 0}, {1, 0, 0}, {.1, .9, 0}, {1, 0, 0}});
  for (const int64_t beam : {1, 3}) {
    ChainDecoder decoder(3, chain);
    const auto text = search_one(decoder, search_config(beam, 1, 4))[0];
    EXPECT_THAT(text.tokens, ElementsAre(1, 1, 1, 1));
    EXPECT_FALSE(text.ended);
    EXPECT_NEAR(text.score, std::log(.9), kFloatLogits);
    EXPECT_EQ(decoder.rows_a_call.size(), 4u);
  }
  // The end is the last token that max_tokens leaves room for.
  ChainDecoder decoder(3, garden_path());
  EXPECT_TRUE(search_one(decoder, search_config(1, 1, 2))[0].ended);
}

TEST(Search, StopsWhereTheUserAsksTo) {
  ChainDecoder decoder(4, random_logits(1, 4, 0.1));
  auto config = search_config(1, 1, 50);
  config.min_tokens = 50;
  SearchContext context;
  int asked = 0;
  context.interrupted = [&] { return ++asked == 3; };
  try {
    search_one(decoder, config, context);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
  EXPECT_EQ(decoder.rows_a_call.size(), 2u);
}

TEST(Search, NamesTheSampleAndTokenOfLogitsThatAreNoDistribution) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<std::pair<std::vector<float>, std::string>> broken = {
      {{0, std::nanf(""), 1}, "not a number"},
      {{0, infinity, 1}, "a logit is infinite"},
      {{-infinity, -infinity, -infinity}, "all logits are -infinity"}};
  for (const auto& [row, words] : broken) {
    for (const int64_t beam : {1, 2}) {
      ChainDecoder decoder(3, [&](int64_t sample, const SearchTokens& history) {
        return sample == 1 && history.size() == 1 ? row : std::vector<float>{0, 2, 1};
      });
      try {
        write_texts(decoder, 3, search_config(beam, 1, 9));
        FAIL();
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInternal);
        EXPECT_THAT(error.what(), HasSubstr("token 2 of sample 1"));
        EXPECT_THAT(error.what(), HasSubstr(words));
      }
    }
  }
}

TEST(Search, RefusesLogitsOfAnotherSizeAndATextThatMayNotEnd) {
  ChainDecoder narrow(4, [](int64_t, const SearchTokens&) { return std::vector<float>{1, 2, 3}; });
  EXPECT_THROW(search_one(narrow, search_config(1, 1, 5)), Error);
  // Only the end is possible, and forbidden.
  for (const int64_t beam : {1, 2}) {
    ChainDecoder ends(3, markov_chain({{1, 0, 0}}));
    auto config = search_config(beam, 1, 5);
    config.min_tokens = 1;
    EXPECT_THROW(search_one(ends, config), Error);
  }
  ChainDecoder decoder(3, garden_path());
  EXPECT_THROW(search_one(decoder, search_config(1, 1, 0)), Error);  // nobody resolved max_tokens
  EXPECT_TRUE(write_texts(decoder, 0, search_config(1, 1, 5)).empty());
  EXPECT_TRUE(decoder.rows_a_call.empty());
}

}  // namespace
}  // namespace braid
