#include "braid/demo_data/emoji_phrases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "braid/core/text.h"

namespace braid {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using Lines = std::vector<std::string>;

EmojiRow row_of(const std::string& split, bool withheld, const std::string& name, Lines texts) {
  EmojiRow row;
  row.split = split;
  row.withheld = withheld;
  row.languages["en"] = {name, {}, std::move(texts)};
  return row;
}

// "a" .. "j", named "red a" and so on, each with a text of one more word.
std::vector<EmojiRow> lettered_rows() {
  std::vector<EmojiRow> rows;
  for (char letter = 'a'; letter <= 'j'; ++letter) {
    const std::string own(3, letter);
    rows.push_back(row_of("train", false, "red " + own, {"red " + own, own + own}));
  }
  return rows;
}

TEST(EmojiPhrases, TextsAreThoseOfTrainingRowsEachOnce) {
  const std::vector<EmojiRow> rows = {row_of("train", false, "pear", {"pear", "fruit"}),
                                      row_of("val", false, "plum", {"plum", "blue"}),
                                      row_of("train", true, "apple", {"fruit", "red"})};
  EXPECT_THAT(training_texts(rows, "en"), ElementsAre("pear", "fruit", "red"));
  EXPECT_THAT(training_texts(rows, "zh"), ElementsAre());
}

TEST(EmojiPhrases, EachWordIsInOnePhraseOfARound) {
  const auto rows = lettered_rows();
  const auto texts = training_texts(rows, "en");
  const auto phrases = training_phrases(rows, "en", texts, 2);
  std::map<std::string, int> times;
  for (const auto& phrase : phrases) {
    const auto words = split(phrase, ' ');
    EXPECT_LE(words.size(), 3u);
    for (const auto& word : words) ++times[word];
  }
  EXPECT_EQ(times.size(), 21u);  // red, and two a letter
  for (const auto& [word, count] : times) EXPECT_EQ(count, 2) << word;
  EXPECT_EQ(training_phrases(rows, "en", texts, 2), phrases);
  // Rounds differ: the same order of 21 words twice has a chance of 1 in 21!.
  const auto half = static_cast<int64_t>(training_phrases(rows, "en", texts, 1).size());
  EXPECT_NE(split(join(Lines(phrases.begin(), phrases.begin() + half), " "), ' '),
            split(join(Lines(phrases.begin() + half, phrases.end()), " "), ' '));
}

TEST(EmojiPhrases, HiddenNamesAreNoPhrasesUnlessTrainingSaysThem) {
  // All words are there; "Red", "blue" and "sky" are names that training may not know, but "sky" is
  // the keyword of another emoji.
  const std::vector<EmojiRow> rows = {row_of("train", true, "Red", {"red blue sea"}),
                                      row_of("val", false, "blue", {"blue"}),
                                      row_of("test", false, "sky", {"sky"}),
                                      row_of("train", false, "sky high", {"sky"})};
  const auto texts = training_texts(rows, "en");
  const auto phrases = training_phrases(rows, "en", texts, 200);
  EXPECT_THAT(phrases, Not(Contains("red")));
  EXPECT_THAT(phrases, Not(Contains("blue")));
  EXPECT_THAT(phrases, Contains("sky"));
  EXPECT_THAT(phrases, Contains("blue sky"));
}

TEST(EmojiPhrases, ChineseWordsAreJoinedWithoutBlanks) {
  EmojiRow row;
  row.split = "train";
  row.languages["zh"] = {"", {}, {"红苹果", "女人"}};
  for (const auto& phrase : training_phrases({row}, "zh", training_texts({row}, "zh"), 5)) {
    EXPECT_EQ(phrase.find(' '), phrase.npos) << phrase;
    EXPECT_EQ(phrase.size() % 3, 0u) << phrase;  // ideographs of three bytes
  }
}

}  // namespace
}  // namespace braid
