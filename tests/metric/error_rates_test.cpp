// Edits counted by hand, rates over all samples.
#include "braid/metric/error_rates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/core/error.h"

namespace braid {
namespace {

using testing::ElementsAre;

Edits characters(const char* text, const char* reference) {
  return character_edits(text, reference);
}
Edits words(const char* text, const char* reference) { return word_edits(text, reference); }

void expect_edits(const Edits& got, int64_t edits, int64_t length) {
  EXPECT_EQ(got.edits, edits);
  EXPECT_EQ(got.length, length);
}

std::vector<double> rates(const Captions& captions, std::vector<int32_t> times = {}) {
  const auto statistics = transcription_statistics(captions, {});
  if (times.empty()) times.assign(captions.candidates.size(), 1);
  return statistics.values(times);
}

TEST(Edits, AreOfCharacters) {
  expect_edits(characters("kitten", "sitting"), 3, 7);
  expect_edits(characters("", "abc"), 3, 3);
  expect_edits(characters("abc", ""), 3, 0);
  expect_edits(characters("ab", "ba"), 2, 2);  // no swaps
  expect_edits(characters(" Red  Apple\n", "red apple"), 0, 9);
  expect_edits(characters("红苹", "红苹果"), 1, 3);
  expect_edits(characters("über", "uber"), 1, 4);
}

TEST(Edits, AreOfWords) {
  expect_edits(words("the red apple", "red apples"), 2, 2);
  expect_edits(words("red, apple!", "Red apple"), 0, 2);
  expect_edits(words("redapple", "red apple"), 2, 2);
  expect_edits(words("红果", "红苹果"), 1, 3);  // an ideograph is a word
}

TEST(ErrorRates, AreOfAllThatWasSaid) {
  // 1 of 3 and 0 of 5 characters; 1 of 1 and 0 of 2 words.
  const Captions captions{{"cot", "a dog"}, {{"cat"}, {"a dog"}}};
  EXPECT_THAT(rates(captions), ElementsAre(1.0 / 8, 1.0 / 3, 1.0 / 2));
  EXPECT_THAT(rates(captions, {3, 1}), ElementsAre(3.0 / 14, 3.0 / 5, 1.0 / 4));
  const auto statistics = transcription_statistics(captions, {});
  std::vector<std::string> names;
  for (const auto& metric : statistics.metrics) names.push_back(metric.name);
  EXPECT_EQ(names, transcription_score_names());
  EXPECT_TRUE(smaller_is_better("cer") && smaller_is_better("wer"));
}

TEST(ErrorRates, OfSeveralReferencesTheNearestCounts) {
  EXPECT_THAT(rates({{"a dog"}, {{"the cat", "a dog barks", "a dug"}}}),
              ElementsAre(1.0 / 5, 1.0 / 3, 0.0));
}

TEST(ErrorRates, NeedSomethingThatWasSaid) {
  EXPECT_THROW(transcription_statistics({{"a"}, {{"!"}}}, {}), Error);
}

}  // namespace
}  // namespace braid
