#include "braid/tokenizer/unicode.h"

#include <gtest/gtest.h>

#include "braid/core/rng.h"
#include "braid/core/text.h"
#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/normalizer.h"

namespace braid {
namespace {

// The examples of the Unicode Standard, tables 3-8 to 3-11.
TEST(RepairUtf8, ReplacesEachMaximalIllFormedPartOnce) {
  EXPECT_EQ(repair_utf8("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64"),
            "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  EXPECT_EQ(repair_utf8("\xc0\xaf\xe0\x80\xbf\x41"), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
  EXPECT_EQ(repair_utf8("\xed\xa0\x80\x41"), "\uFFFD\uFFFD\uFFFDA");
  EXPECT_EQ(repair_utf8("\xf4\x91\x92\x93\xff\x41"), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
}

TEST(RepairUtf8, KeepsValidTextAndMakesAnyBytesValid) {
  EXPECT_EQ(repair_utf8("狗 dog 😀"), "狗 dog 😀");
  Rng rng(3);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int64_t left = rng.below(12); left > 0; --left) bytes += static_cast<char>(rng.below(256));
    ASSERT_TRUE(valid_utf8(repair_utf8(bytes)));
  }
}

TEST(Utf8, EveryCodePointComesBackFromItsBytes) {
  for (char32_t code = 0; code < 0x110000; code += 7) {
    if (code >= 0xd800 && code < 0xe000) continue;
    std::string text;
    append_utf8(code, text);
    size_t at = 0;
    ASSERT_EQ(next_code_point(text, at), code);
    ASSERT_EQ(at, text.size());
  }
}

TEST(IsBlank, CountsEveryUnicodeSpace) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\r\n\u00a0\u3000\u2028"));
  EXPECT_FALSE(is_blank(" \u200b"));  // zero width space is no white space to Unicode
  EXPECT_FALSE(is_blank("\u3000狗"));
}

TEST(ByteLetters, AreThoseOfGpt2) {
  EXPECT_EQ(byte_letter('A'), "A");
  EXPECT_EQ(byte_letter(' '), "Ġ");
  EXPECT_EQ(byte_letter('\n'), "Ċ");
  EXPECT_EQ(byte_letter(0), "Ā");
  EXPECT_EQ(byte_letter(0x7f), "ġ");
  EXPECT_EQ(byte_letter(0xad), "Ń");
  EXPECT_EQ(byte_letter(0xff), "ÿ");
  EXPECT_EQ(to_letters(" 狗"), "ĠçĭĹ");
}

TEST(ByteLetters, GiveTheBytesBack) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(from_letters(to_letters(all)), all);
  EXPECT_EQ(from_letters("a b"), std::nullopt);
  EXPECT_EQ(from_letters("狗"), std::nullopt);
}

TEST(Normalize, ComposesAndLowersCharacterByCharacter) {
  const std::vector<NormalStep> both = {NormalStep::kNfc, NormalStep::kLowercase};
  EXPECT_EQ(normalize("CAFE\u0301 \u212b", both), "caf\u00e9 \u00e5");
  EXPECT_EQ(normalize("ΟΔΟΣ", both), "οδοσ");  // no final sigma
  EXPECT_EQ(normalize("İ", both), "i\u0307");  // two characters
  EXPECT_EQ(normalize("CAFE\u0301", {}), "CAFE\u0301");
  EXPECT_EQ(normalize("ﬁ①", {NormalStep::kNfkc}), "fi1");
  EXPECT_EQ(normalize("\u00e9", {NormalStep::kNfd}), "e\u0301");
}

TEST(Normalize, FindsStepsByTheirNames) {
  for (const auto step : {NormalStep::kNfc, NormalStep::kNfd, NormalStep::kNfkc, NormalStep::kNfkd,
                          NormalStep::kLowercase}) {
    EXPECT_EQ(find_normal_step(normal_step_name(step)), step);
  }
  EXPECT_EQ(find_normal_step("StripAccents"), std::nullopt);
}

}  // namespace
}  // namespace braid
