// Each metric of captions on sentences small enough to count by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/metric/caption/captions.h"
#include "braid/metric/caption/meteor.h"
#include "braid/metric/caption/words.h"
#include "tests/metric/predictions.h"

namespace braid {
namespace {

using metric_test::find;

const CaptionRule kSpaceRule{WordRule::kSpaces, "en"};

double figure(const Captions& captions, const std::string& name,
              const CaptionRule& rule = kSpaceRule) {
  const auto metrics = caption_scores(captions, rule, {});
  const auto* metric = find(metrics, name);
  return metric ? metric->value : NAN;
}

TEST(CaptionScores, BleuClipsCountsAndTakesTheClosestReferenceLength) {
  // 7 times "the": 2 of them are in a reference; lengths 7 and 6, 7 is closest: no brevity penalty.
  const Captions captions{{"the the the the the the the"},
                          {{"the cat is on the mat", "there is a cat on the mat"}}};
  EXPECT_NEAR(figure(captions, "bleu_1"), 2.0 / 7, 1e-9);
}

TEST(CaptionScores, BleuIsTheGeometricMeanOfPrecisionsTimesBrevity) {
  // "a b c" of "a b c d": 3 of 3 words, 2 of 2 pairs; exp(1 - 4 / 3).
  EXPECT_NEAR(figure({{"a b c"}, {{"a b c d"}}}, "bleu_2"), std::exp(1 - 4.0 / 3), 1e-8);
  // "a b x": 2 of 3 words, 1 of 2 pairs.
  EXPECT_NEAR(figure({{"a b x"}, {{"a b c"}}}, "bleu_2"), std::sqrt(2.0 / 3 * 1 / 2), 1e-8);
}

TEST(CaptionScores, BleuSumsOverSamplesBeforeItDivides) {
  // 1 of 1 and 0 of 3 words: 1 / 4, where a mean over samples would be 1 / 2.
  EXPECT_NEAR(figure({{"a", "x y z"}, {{"a"}, {"d e f"}}}, "bleu_1"), 0.25, 1e-9);
}

TEST(CaptionScores, RougeTakesBestPrecisionAndBestRecallOfAnyReference) {
  // Common subsequence with "a c d e f": "a c", 2 of 4 and 2 of 5; with "b": 1 of 4 and 1 of 1.
  const double precision = 2.0 / 4, recall = 1, square = 1.44;
  EXPECT_NEAR(figure({{"a b c x"}, {{"a c d e f", "b"}}}, "rouge_l"),
              (1 + square) * precision * recall / (recall + square * precision), 1e-12);
}

TEST(CaptionScores, CiderIsTenForTheOnlyReferenceAndZeroForWhatEverybodySays) {
  // Every n-gram stands in one of two documents, weight log 2: cosines of 1 for n = 1 .. 4.
  EXPECT_NEAR(figure({{"a b c d", "e f g h"}, {{"a b c d"}, {"e f g h"}}}, "cider_d"), 10, 1e-12);
  EXPECT_NEAR(figure({{"a b c d", "a b c d"}, {{"a b c d"}, {"a b c d"}}}, "cider_d"), 0, 1e-12);
}

TEST(CaptionScores, CiderPunishesRepeatsAndLength) {
  // One word each, seen in one of two documents. "a a a": min(3, 1) * 1 / (3 * 1) = 1 / 3 for
  // n = 1, nothing for n = 2 .. 4; exp(-2^2 / (2 * 6^2)); mean over n, 10 times, over 2 samples.
  const double first = 10.0 / 4 * std::exp(-4.0 / 72) / 3;
  EXPECT_NEAR(figure({{"a a a", "x"}, {{"a"}, {"b"}}}, "cider_d"), first / 2, 1e-12);
}

TEST(CaptionScores, CiderOfOneSampleIsAbsent) {
  const auto metrics = caption_scores({{"a b"}, {{"a b"}}}, kSpaceRule, {});
  EXPECT_EQ(find(metrics, "cider_d")->absent, "one sample only");
  EXPECT_TRUE(std::isnan(find(metrics, "cider_d")->value));
}

TEST(CaptionScores, MeteorWeighsStemsAndFunctionWords) {
  // "dog" and "dogs": one stem, weight 0.6, one chunk that is all.
  EXPECT_NEAR(figure({{"dog"}, {{"dogs"}}}, "meteor"), 0.6, 1e-12);
  // "big dog" in "the big dog": P = 1, R = 1.5 / 1.75 ("the" weighs 0.25, others 0.75), 1 chunk of
  // 2 matches.
  const double recall = 1.5 / 1.75, mean = recall / (0.85 + 0.15 * recall);
  EXPECT_NEAR(figure({{"big dog"}, {{"the big dog"}}}, "meteor"),
              mean * (1 - 0.6 * std::pow(0.5, 0.2)), 1e-12);
}

TEST(CaptionScores, MeteorAlignsToTheFewestChunks) {
  MeteorVocabulary vocabulary("en");
  const auto match = [&](const std::string& a, const std::string& b) {
    return meteor_match(vocabulary.read(split(a, ' ')), vocabulary.read(split(b, ' ')));
  };
  // The second "the" goes on to "cat": one chunk, not two.
  EXPECT_EQ(match("the cat", "the dog the cat").chunks, 1);
  EXPECT_EQ(match("b a", "a b").chunks, 2);
  // The word as it stands wins over a nearer one of its stem, even at one more chunk.
  const auto walks = match("x walks", "x walk y walks");
  EXPECT_EQ(walks.exact_candidate[0], 2);
  EXPECT_EQ(walks.stem_candidate[0], 0);
  EXPECT_EQ(walks.chunks, 2);
  // No more matches than there are words on either side.
  EXPECT_EQ(match("dog dog dogs", "dogs").exact_candidate[0], 1);
}

TEST(CaptionScores, ChrfIsTheFScoreOfMeanPrecisionAndRecall) {
  // "abc" and "abd", blanks left out: 2 of 3 characters, 1 of 2 pairs, 0 of 1 triple; mean of
  // three orders, equal precision and recall.
  EXPECT_NEAR(figure({{"a bc"}, {{"abd"}}}, "chrf"), (2.0 / 3 + 1.0 / 2) / 3, 1e-12);
}

TEST(CaptionScores, DistinctCountsWhatAnswersDoNotRepeat) {
  // Words a b a b of two answers: 2 of 4; pairs "a b" twice: 1 of 2.
  const auto metrics = caption_scores({{"a b", "a b"}, {{"c"}, {"d"}}}, kSpaceRule, {});
  EXPECT_DOUBLE_EQ(find(metrics, "distinct_1")->value, 0.5);
  EXPECT_DOUBLE_EQ(find(metrics, "distinct_2")->value, 0.5);
  EXPECT_TRUE(std::isnan(find(metrics, "distinct_2")->low));
}

TEST(CaptionScores, AnEmptyAnswerScoresNothing) {
  const auto metrics = caption_scores({{"", "b c"}, {{"a b"}, {"b c"}}}, kSpaceRule, {});
  EXPECT_NEAR(find(metrics, "rouge_l")->value, 0.5, 1e-12);
  EXPECT_NEAR(find(metrics, "bleu_1")->value, std::exp(1 - 2.0), 1e-8);  // 2 of 2, short by half
}

TEST(CaptionScores, AResampleIsTheSumOfWhatItDrew) {
  const Captions captions{{"a b c d", "e f", "a x"}, {{"a b c"}, {"e f g", "f"}, {"a"}}};
  const auto statistics = caption_statistics(captions, kSpaceRule, {});
  const std::vector<int32_t> times = {2, 0, 1};
  const auto drawn = statistics.values(times);
  // Figures without document frequencies: those of the sentences written as often.
  const Captions written{{"a b c d", "a b c d", "a x"}, {{"a b c"}, {"a b c"}, {"a"}}};
  for (const char* name : {"bleu_1", "bleu_2", "bleu_4", "rouge_l", "meteor", "chrf"}) {
    for (size_t m = 0; m < drawn.size(); ++m) {
      if (statistics.metrics[m].name == name) {
        EXPECT_NEAR(drawn[m], figure(written, name), 1e-12) << name;
      }
    }
  }
}

TEST(CaptionScores, DoNotDependOnThreadsOrOrder) {
  Captions captions, turned;
  for (int i = 0; i < 40; ++i) {
    captions.candidates.push_back("a dog " + std::to_string(i % 7) + " runs");
    captions.references.push_back({"the dog ran " + std::to_string(i % 5), "dogs run"});
  }
  turned.candidates = {captions.candidates.rbegin(), captions.candidates.rend()};
  turned.references = {captions.references.rbegin(), captions.references.rend()};
  auto rule = kSpaceRule;
  const auto one = caption_scores(captions, rule, {});
  const auto other = caption_scores(turned, rule, {});
  rule.threads = 3;
  const auto three = caption_scores(captions, rule, {});
  for (size_t m = 0; m < one.size(); ++m) {
    EXPECT_EQ(one[m].value, three[m].value) << one[m].name;
    EXPECT_NEAR(one[m].value, other[m].value, 1e-12) << one[m].name;
  }
}

TEST(CaptionScores, RefuseWhatCannotBeScored) {
  const auto message = [](const Captions& captions) -> std::string {
    try {
      caption_scores(captions, kSpaceRule, {});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({}), "captions: nothing to score");
  EXPECT_EQ(message({{"a", "b"}, {{"a"}, {}}}), "captions: sample 1: no reference");
  EXPECT_EQ(message({{"a\xff"}, {{"a"}}}), "captions: sample 0: not UTF-8");
  EXPECT_EQ(message({{"a", "b"}, {{"a"}}}),
            "captions: 2 candidates, references of 1 samples, groups of 0");
  std::string longest;
  for (size_t i = 0; i <= kLongestCaption; ++i) longest += "a ";
  EXPECT_EQ(message({{longest}, {{"a"}}}),
            "captions: sample 0: a sentence of 1001 words; expected 1000 at most");
}

TEST(CaptionWords, ChineseByCharactersKeepsLatinWordsWhole) {
  EXPECT_EQ(join(caption_words("穿T恤的2个小孩，在KFC。", WordRule::kCharacters), " "),
            "穿 t 恤 的 2 个 小 孩 在 kfc");
}

TEST(CaptionWords, ChineseByWordsLeavesPunctuationOut) {
  const auto words = caption_words("女孩，在公园。", WordRule::kIcu);
  EXPECT_EQ(join(words, ""), "女孩在公园");
  EXPECT_LT(words.size(), 5u);  // fewer than characters
  EXPECT_EQ(join(caption_words("A dog's 2 balls!", WordRule::kIcu), " "), "a dog's 2 balls");
}

TEST(CaptionWords, MeteorCutsHyphensAndMarks) {
  EXPECT_EQ(join(meteor_words({"twin-hulled", "tug-o-war", "is", "n't", "dog", "'s", "u.s."}), " "),
            "twin hulled tug o-war is n 't dog ' s us");
}

TEST(CaptionWords, UnknownRulesAreNamed) {
  EXPECT_EQ(word_rule_of("characters"), WordRule::kCharacters);
  EXPECT_THROW(word_rule_of("character"), Error);
}

}  // namespace
}  // namespace braid
