#include "braid/tokenizer/pattern.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

using Spans = std::vector<std::pair<size_t, size_t>>;

constexpr const char* kGpt2Words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr const char* kClipWords = R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
constexpr const char* kGpt4Words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwenWords = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
                                   R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kGpt4oWords =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
const std::string kClipWordsAndEnds =
    R"(<\|startoftext\|>|<\|endoftext\|>|)" + std::string(kClipWords);

const std::vector<std::string> kKnown = {kGpt2Words, kClipWords, kClipWordsAndEnds,
                                         kGpt4Words, kQwenWords, kGpt4oWords};

Spans spans(const Pattern& pattern, std::string_view text) {
  Spans found;
  pattern.find(text, [&](size_t begin, size_t end) { found.emplace_back(begin, end); });
  return found;
}

// Half of what matters to the patterns, half anything that Unicode has.
std::string random_unicode(Rng& rng) {
  static const std::u32string telling =
      U"aAzZéÉǅʰא的ー\u0301\u093f\u20dd 12½Ⅷ'sStTrReEvVmMlLdDſK\u3000"
      U"\u00a0\u0085\u000b\u200b\u200d\t\r\n.,!/_$<|>😀\U0001d400";
  std::string text;
  for (int64_t left = rng.below(24); left >= 0; --left) {
    char32_t code = telling[static_cast<size_t>(rng.below(static_cast<int64_t>(telling.size())))];
    if (rng.chance(0.15)) code = static_cast<char32_t>(rng.below(0x110000));
    if (code >= 0xd800 && code < 0xe000) code = ' ';
    append_utf8(code, text);
    if (rng.chance(0.1)) text += rng.chance(0.5) ? "<|endoftext|>" : "'ll";
  }
  return text;
}

TEST(Pattern, ScannersAgreeWithIcuOnRandomUnicode) {
  for (const auto& expression : kKnown) {
    const auto scanner = known_pattern(expression);
    ASSERT_TRUE(scanner) << expression;
    const auto icu = icu_pattern(expression, "test");
    Rng rng(11);
    for (int round = 0; round < 4000; ++round) {
      const std::string text = random_unicode(rng);
      ASSERT_EQ(spans(*scanner, text), spans(*icu, text)) << expression << "\n" << text;
    }
  }
}

TEST(Pattern, OtherExpressionsHaveNoScanner) {
  EXPECT_FALSE(known_pattern(R"(\p{L}+)"));
  EXPECT_EQ(spans(*regex_pattern(R"(\p{L}+)", "test"), "ab 狗c"), (Spans{{0, 2}, {3, 7}}));
}

TEST(Pattern, IcuReadsOnigurumasSetsAndLineEnds) {
  EXPECT_EQ(spans(*icu_pattern(R"(\s)", "t"), "a\u000b\u0085b"), (Spans{{1, 2}, {2, 4}}));
  EXPECT_EQ(spans(*icu_pattern(R"(\S)", "t"), "\u000ba"), (Spans{{1, 2}}));
  EXPECT_EQ(spans(*icu_pattern(R"([^\s\w])", "t"), "a½\u200d_"), (Spans{{1, 3}, {3, 6}}));
  EXPECT_EQ(spans(*icu_pattern(R"(\w)", "t"), "½\u200d"), (Spans{{0, 2}}));
  EXPECT_EQ(spans(*icu_pattern("^b", "t"), "\rb\nb"), (Spans{{3, 4}}));
  EXPECT_EQ(spans(*icu_pattern("a.", "t"), "a\na\r"), (Spans{{2, 4}}));
  EXPECT_EQ(spans(*icu_pattern("a*", "t"), "baa"), (Spans{{1, 3}}));  // no empty match
}

TEST(Pattern, LiteralsDoNotOverlap) {
  EXPECT_EQ(spans(*literal_pattern("aa"), "aaaaa"), (Spans{{0, 2}, {2, 4}}));
  EXPECT_TRUE(spans(*literal_pattern(""), "aaa").empty());
}

ErrorCode code_of_pattern(const std::string& expression, const std::string& text = "") {
  try {
    spans(*icu_pattern(expression, "x.json: path"), text);
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("x.json: path: ")) << error.what();
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(Pattern, RefusesWhatIsNoExpressionOrMeansSomethingElse) {
  for (const char* bad :
       {"(", "[a", "a{2,1}", "\\p{Nonsense}", "*", "\\h", "\\K", "(?m:a.b)", "a\\", "(?<=a*)b"}) {
    EXPECT_EQ(code_of_pattern(bad), ErrorCode::kInput) << bad;
  }
}

TEST(Pattern, EndsAnExpressionThatTakesForever) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of_pattern("(a|aa)+$", std::string(200, 'a') + "b"), ErrorCode::kLimit);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

// A million characters of one kind, where a careless scanner looks ahead from every place.
TEST(Pattern, ScannersAreLinear) {
  for (const auto& expression : kKnown) {
    const auto scanner = known_pattern(expression);
    for (const std::string unit :
         {"a", "A", " ", "\n", "1", "'", "狗", "\u0301", "狗A", " \n", "'s"}) {
      std::string text;
      while (text.size() < 300000) text += unit;
      const auto begin = std::chrono::steady_clock::now();
      size_t covered = 0;
      scanner->find(text, [&](size_t from, size_t to) { covered += to - from; });
      EXPECT_LE(covered, text.size());
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2))
          << expression << " on " << unit;
    }
  }
}

}  // namespace
}  // namespace braid
