// Answers compared as VQA does, and what written texts are scored by.
#include "braid/metric/generation_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/metric/predictions.h"

namespace braid {
namespace {

using metric_test::find;
using testing::ElementsAre;

std::vector<double> plain_values(const Statistics& statistics) {
  return statistics.values(std::vector<int32_t>(statistics.group.size(), 1));
}

std::vector<std::string> names_of(const Statistics& statistics) {
  std::vector<std::string> names;
  for (const auto& metric : statistics.metrics) names.push_back(metric.name);
  return names;
}

// Ten answers, the first so many of which are "cat".
std::vector<std::string> ten_answers(int64_t cats) {
  std::vector<std::string> answers;
  for (int64_t i = 0; i < 10; ++i)
    answers.push_back(i < cats ? "cat" : "dog" + std::to_string(i));
  return answers;
}

TEST(PlainAnswer, IsLowerCaseWithoutPunctuationArticlesAndNumberWords) {
  EXPECT_EQ(plain_answer("The  Two dogs!"), "2 dogs");
  EXPECT_EQ(plain_answer("two dogs"), "2 dogs");
  EXPECT_EQ(plain_answer(" A man, an apple & THE tree. "), "man apple tree");
  EXPECT_EQ(plain_answer("zero one ten eleven"), "0 1 10 eleven");
  EXPECT_EQ(plain_answer("another anthem, theatre, tension"), "another anthem theatre tension");
  EXPECT_EQ(plain_answer("It's"), "it's");
  EXPECT_EQ(plain_answer("two-storey"), "2 storey");
  EXPECT_EQ(plain_answer("3.5, 1,000."), "3.5 1000");
  EXPECT_EQ(plain_answer("ÜBER die Straße"), "über die straße");
  EXPECT_EQ(plain_answer("两只狗"), "两只狗");
  EXPECT_EQ(plain_answer("the"), "");
  EXPECT_EQ(plain_answer(""), "");
}

// Antol et al. 2015: of ten answers each is left out once; min(matches among nine / 3, 1).
TEST(VqaAccuracy, IsThatOfTheEvaluationServer) {
  const std::vector<std::pair<int64_t, double>> worked = {{0, 0},   {1, 0.3}, {2, 0.6},
                                                          {3, 0.9}, {4, 1},   {10, 1}};
  for (const auto& [matches, want] : worked) {
    const auto values =
        plain_values(exact_match_statistics({{"A cat!"}, {ten_answers(matches)}}, {}));
    ASSERT_EQ(values.size(), 2u);
    EXPECT_DOUBLE_EQ(values[1], want) << matches;
    EXPECT_EQ(values[0], matches > 0 ? 1 : 0) << matches;
  }
}

TEST(VqaAccuracy, IsTheMeanOverSamplesAndThereOnlyWhereMostHaveTenAnswers) {
  const Captions two{{"cat", "cat"}, {ten_answers(1), ten_answers(2)}};
  EXPECT_DOUBLE_EQ(plain_values(exact_match_statistics(two, {}))[1], (0.3 + 0.6) / 2);
  const Captions fewer{{"cat", "cat"}, {ten_answers(1), {"cat"}}};
  EXPECT_THAT(names_of(exact_match_statistics(fewer, {})), ElementsAre("exact_match"));
  auto eleven = ten_answers(3);
  eleven.push_back("cat");
  const Captions more{{"cat", "cat", "cat"}, {ten_answers(1), ten_answers(1), eleven}};
  EXPECT_THAT(names_of(exact_match_statistics(more, {})), ElementsAre("exact_match"));
  // One of the ten was blank, and so is no reference: it matches nothing.
  auto nine = ten_answers(2);
  nine.pop_back();
  const Captions blank{{"cat", "cat", "cat"}, {ten_answers(1), nine, ten_answers(3)}};
  EXPECT_DOUBLE_EQ(plain_values(exact_match_statistics(blank, {}))[1], (0.3 + 0.6 + 0.9) / 3);
}

TEST(ExactMatch, IsTheShareThatIsOneOfTheReferencesToTheLetter) {
  const Captions captions{{"two dogs", "a cat", "cats", ""},
                          {{"three dogs", "2 dogs"}, {"cat"}, {"cat"}, {"nothing"}}};
  const auto statistics = exact_match_statistics(captions, {});
  EXPECT_EQ(statistics.metrics[0].n, 4);
  EXPECT_DOUBLE_EQ(plain_values(statistics)[0], 2.0 / 4);
  // A sample counts as often as it is drawn.
  EXPECT_DOUBLE_EQ(statistics.values(std::vector<int32_t>{3, 0, 1, 0})[0], 3.0 / 4);
}

TEST(ExactMatch, SamplesOfOneGroupAreResampledTogether) {
  Captions captions{{"yes", "yes", "no", "no"}, {{"yes"}, {"yes"}, {"yes"}, {"yes"}}};
  const auto measure = [&](std::vector<int64_t> group) {
    captions.group = std::move(group);
    return measured(exact_match_statistics(captions, {}))[0];
  };
  const auto pairs = measure({4, 4, 9, 9});  // a draw is all right, half right or all wrong
  EXPECT_EQ(pairs.value, 0.5);
  EXPECT_EQ(pairs.low, 0);
  EXPECT_EQ(pairs.high, 1);
  const auto mixed = measure({4, 9, 4, 9});  // each group is half right: no draw changes that
  EXPECT_EQ(mixed.low, 0.5);
  EXPECT_EQ(mixed.high, 0.5);
  const auto alone = measure({});
  EXPECT_EQ(alone.low, 0);  // (1/2)^4 of the draws are all wrong: more than 2.5 %
  EXPECT_EQ(alone.high, 1);
}

TEST(GenerationStatistics, HaveTheNamesThatRecipesMayAskFor) {
  const Captions captions{
      {"a cat sits", "a dog runs"},
      {ten_answers(2), {"a dog runs", "b", "c", "d", "e", "f", "g", "h", "i", "j"}}};
  Metric about;
  about.task = "say";
  about.split = "val";
  const auto statistics = generation_statistics(captions, {}, about);
  EXPECT_EQ(names_of(statistics), generation_score_names());
  ASSERT_EQ(plain_values(statistics).size(), generation_score_names().size());
  const auto metrics = measured(statistics);
  for (const auto& metric : metrics) {
    EXPECT_EQ(metric.task, "say") << metric.name;
    EXPECT_EQ(metric.split, "val") << metric.name;
    EXPECT_EQ(metric.n, 2) << metric.name;
    EXPECT_FALSE(smaller_is_better(metric.name));
  }
  EXPECT_EQ(find(metrics, "exact_match")->value, 0.5);
  EXPECT_DOUBLE_EQ(find(metrics, "vqa_accuracy")->value, 0.3 / 2);
}

TEST(GenerationStatistics, AreThoseOfCaptionsBesideTheExactMatch) {
  const Captions captions{{"a cat sits", "a dog runs"}, {{"a cat sat"}, {"the dog runs", "dogs"}}};
  const auto all = generation_statistics(captions, {}, {});
  const auto sentences = caption_statistics(captions, {}, {});
  const std::vector<int32_t> times = {2, 1};
  const auto got = all.values(times), want = sentences.values(times);
  ASSERT_EQ(got.size(), want.size() + 1);
  EXPECT_DOUBLE_EQ(got[0], 1.0 / 3);  // "a dog runs" is "the dog runs"
  for (size_t i = 0; i < want.size(); ++i)
    EXPECT_EQ(got[i + 1], want[i]) << all.metrics[i + 1].name;
}

TEST(WordsOfLanguage, AreCharactersOfChinese) {
  EXPECT_EQ(words_of_language("zh", {"not looked at"}), WordRule::kCharacters);
  EXPECT_EQ(words_of_language("zh-Hant", {}), WordRule::kCharacters);
  EXPECT_EQ(words_of_language("en", {"一只狗"}), WordRule::kPtb);
  EXPECT_EQ(words_of_language("de", {}), WordRule::kPtb);
  EXPECT_EQ(words_of_language("", {"一只狗在跑"}), WordRule::kCharacters);
  EXPECT_EQ(words_of_language("", {"a dog runs"}), WordRule::kPtb);
  EXPECT_EQ(words_of_language("", {"the character 狗 means dog", "so it does"}), WordRule::kPtb);
  EXPECT_EQ(words_of_language("", {"一只狗在跑。", "两只 cat 在睡觉"}), WordRule::kCharacters);
  EXPECT_EQ(words_of_language("", {"ein hündchen läuft über die straße"}), WordRule::kPtb);
  EXPECT_EQ(words_of_language("", {}), WordRule::kPtb);
}

TEST(SentenceChrf, IsOneForTheReferenceAndZeroForNothingInCommon) {
  EXPECT_DOUBLE_EQ(sentence_chrf("ein roter hund", {"ein roter hund"}), 1);
  EXPECT_DOUBLE_EQ(sentence_chrf("xyz", {"abc"}), 0);
  EXPECT_DOUBLE_EQ(sentence_chrf("", {"abc"}), 0);
  const double near = sentence_chrf("ein roter hund", {"ein rotes hund"});
  EXPECT_GT(near, sentence_chrf("ein roter hund", {"ein blauer fisch"}));
  EXPECT_DOUBLE_EQ(sentence_chrf("ein roter hund", {"ein blauer fisch", "ein rotes hund"}), near);
}

}  // namespace
}  // namespace braid
