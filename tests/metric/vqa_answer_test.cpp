// Answers as the VQA challenge compares them: each expected value follows from the rules that its
// evaluation program applies, one after the other.
#include "braid/metric/vqa_answer.h"

#include <gtest/gtest.h>

namespace braid {
namespace {

TEST(VqaAnswer, IsLowerCaseWithoutArticlesWithNumbersAsDigits) {
  EXPECT_EQ(vqa_answer("Two Dogs"), "2 dogs");
  EXPECT_EQ(vqa_answer("the man and a dog"), "man and dog");
  EXPECT_EQ(vqa_answer("none"), "0");
  EXPECT_EQ(vqa_answer("zero one ten eleven"), "0 1 10 eleven");
  EXPECT_EQ(vqa_answer("  on\tthe\nleft  "), "on left");
  EXPECT_EQ(vqa_answer("theatre another"), "theatre another");
  EXPECT_EQ(vqa_answer("the"), "");
  EXPECT_EQ(vqa_answer(" "), "");
  EXPECT_EQ(vqa_answer(""), "");
  EXPECT_EQ(vqa_answer("ÜBER die Straße"), "über die straße");
}

TEST(VqaAnswer, AMarkIsABlankButNothingBesideABlank) {
  EXPECT_EQ(vqa_answer("black/white"), "black white");
  EXPECT_EQ(vqa_answer("black / white"), "black white");
  EXPECT_EQ(vqa_answer("yes, it is"), "yes it is");
  EXPECT_EQ(vqa_answer("t-shirt"), "t shirt");
  EXPECT_EQ(vqa_answer("t-shirt -"), "tshirt");  // one of them beside a blank: all vanish
  EXPECT_EQ(vqa_answer("a-b c/d"), "b c d");     // "a" is by itself then
  EXPECT_EQ(vqa_answer("1,000"), "1000");
  EXPECT_EQ(vqa_answer("1,000-2,000"), "10002000");  // a comma between digits: every mark vanishes
  EXPECT_EQ(vqa_answer("yes!"), "yes");
  EXPECT_EQ(vqa_answer("(red)"), "red");
}

TEST(VqaAnswer, AFullStopStaysBeforeADigit) {
  EXPECT_EQ(vqa_answer("3.5"), "3.5");
  EXPECT_EQ(vqa_answer(".5"), ".5");
  EXPECT_EQ(vqa_answer("v.2"), "v.2");
  EXPECT_EQ(vqa_answer("yes."), "yes");
  EXPECT_EQ(vqa_answer("p.m."), "pm");
  EXPECT_EQ(vqa_answer("5."), "5");
}

TEST(VqaAnswer, OtherCharactersStay) {
  EXPECT_EQ(vqa_answer("10:30"), "10:30");
  EXPECT_EQ(vqa_answer("$5 & 50%"), "$5 & 50%");
  EXPECT_EQ(vqa_answer("man's"), "man's");
  EXPECT_EQ(vqa_answer("两只狗"), "两只狗");
}

TEST(VqaAnswer, ContractionsHaveTheirApostrophes) {
  EXPECT_EQ(vqa_answer("dont know"), "don't know");
  EXPECT_EQ(vqa_answer("Don't know"), "don't know");
  EXPECT_EQ(vqa_answer("couldnt've"), "couldn't've");
  EXPECT_EQ(vqa_answer("couldn'tve"), "couldn't've");
  EXPECT_EQ(vqa_answer("5 oclock"), "5 o'clock");
  EXPECT_EQ(vqa_answer("twas"), "'twas");
  // Words of their own.
  for (const char* word : {"its", "were", "well", "ill", "shell", "hell", "wed", "im", "lets"})
    EXPECT_EQ(vqa_answer(word), word);
}

TEST(VqaAccuracyOfMatches, IsTheMeanOverEachNineOfTen) {
  // m of ten match. Leaving out one that does: min((m - 1) / 3, 1), m times; another: min(m / 3, 1).
  EXPECT_DOUBLE_EQ(vqa_accuracy(0), 0);
  EXPECT_DOUBLE_EQ(vqa_accuracy(1), 9 * (1.0 / 3) / 10);
  EXPECT_DOUBLE_EQ(vqa_accuracy(2), (2 * (1.0 / 3) + 8 * (2.0 / 3)) / 10);
  EXPECT_DOUBLE_EQ(vqa_accuracy(3), (3 * (2.0 / 3) + 7) / 10);
  EXPECT_DOUBLE_EQ(vqa_accuracy(4), 1);
  EXPECT_DOUBLE_EQ(vqa_accuracy(10), 1);
}

}  // namespace
}  // namespace braid
