#include "braid/tokenizer/words.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "braid/core/rng.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  scan_words(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

using Words = std::vector<std::string>;

TEST(ScanWords, GluesOneSpaceToTheWordBehindIt) {
  EXPECT_EQ(words_of("a red  apple "), (Words{"a", " red", " ", " apple", " "}));
  EXPECT_EQ(words_of("a\n b\t\tc"), (Words{"a", "\n", " b", "\t", "\t", "c"}));
}

TEST(ScanWords, PartsLettersNumbersAndTheRest) {
  EXPECT_EQ(words_of("x2, 3½!?"), (Words{"x", "2", ",", " 3½", "!?"}));
  EXPECT_EQ(words_of("红苹果12个。"), (Words{"红苹果", "12", "个", "。"}));
}

TEST(ScanWords, KnowsContractionsInLowercaseOnly) {
  EXPECT_EQ(words_of("it's we'll I'M"), (Words{"it", "'s", " we", "'ll", " I", "'", "M"}));
  EXPECT_EQ(words_of(" 's ''s"), (Words{" '", "s", " ''", "s"}));
}

TEST(ScanWords, GivesNothingForNothing) { EXPECT_TRUE(words_of("").empty()); }

// The pattern's alternatives tried one after the other on classes of code points, as written:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
size_t match_pattern(const std::u32string& text, size_t at) {
  for (const char32_t* ending : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
    const std::u32string_view wanted(ending);
    if (text.compare(at, wanted.size(), wanted) == 0) return wanted.size();
  }
  const auto run = [&](size_t from, CharClass kind) {
    size_t end = from;
    while (end < text.size() && char_class(text[end]) == kind) ++end;
    return end - from;
  };
  for (const auto kind : {CharClass::kLetter, CharClass::kNumber, CharClass::kOther}) {
    if (text[at] == U' ' && run(at + 1, kind) > 0) return 1 + run(at + 1, kind);
    if (run(at, kind) > 0) return run(at, kind);
  }
  const size_t spaces = run(at, CharClass::kSpace);
  for (size_t length = spaces; length > 0; --length) {  // \s+(?!\S), greedy, backing off
    const bool followed =
        at + length < text.size() && char_class(text[at + length]) != CharClass::kSpace;
    if (!followed) return length;
  }
  return spaces;
}

std::u32string random_text(Rng& rng) {
  constexpr std::u32string_view kPool = U"ab'sltvemrd  \t\n\u3000\u00a01½²狗海。!-\u0301😀";
  std::u32string text;
  for (int64_t left = rng.below(40); left > 0; --left) {
    const bool any = rng.chance(0.2);
    char32_t code =
        any ? static_cast<char32_t>(rng.below(0x30000)) : kPool[rng.below(kPool.size())];
    if (code >= 0xd800 && code < 0xe000) code = U' ';
    text += code;
  }
  return text;
}

TEST(ScanWords, CutsRandomTextWhereThePatternDoes) {
  Rng rng(11);
  for (int round = 0; round < 5000; ++round) {
    const std::u32string text = random_text(rng);
    std::string utf8;
    for (const auto code : text) append_utf8(code, utf8);
    Words expected;
    for (size_t at = 0; at < text.size();) {
      const size_t length = match_pattern(text, at);
      std::string word;
      for (const auto code : text.substr(at, length)) append_utf8(code, word);
      expected.push_back(word);
      at += length;
    }
    ASSERT_EQ(words_of(utf8), expected) << utf8;
  }
}

}  // namespace
}  // namespace braid
