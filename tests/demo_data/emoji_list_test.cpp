#include "braid/demo_data/emoji_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/core/error.h"

namespace braid {
namespace {

using testing::HasSubstr;

constexpr const char* kList =
    "# Version: 15.0\n"
    "# group: Food & Drink\n"
    "# subgroup: food-fruit\n"
    "\n"
    "1F34E         ; fully-qualified     # \U0001F34E E0.6 red apple\n"
    "# group: Symbols\n"
    "# subgroup: keycap\n"
    "0023 FE0F 20E3 ; fully-qualified    # #\uFE0F\u20E3 E0.6 keycap: #\r\n"
    "0023 20E3     ; unqualified         # #\u20E3 E0.6 keycap: #\n"
    "1F3FB         ; component           # \U0001F3FB E1.0 light skin tone\n"
    "#EOF\n";

std::string message_of(const std::string& text) {
  try {
    parse_emoji_test(text, "list.txt");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    return error.what();
  }
  return "no error";
}

TEST(EmojiList, KeepsFullyQualifiedEmojiWithTheirGroups) {
  const auto list = parse_emoji_test(kList, "list.txt");
  EXPECT_EQ(list.version, "15.0");
  ASSERT_EQ(list.emoji.size(), 2u);
  EXPECT_EQ(list.emoji[0].key, "1F34E");
  EXPECT_EQ(list.emoji[0].text, "\xF0\x9F\x8D\x8E");
  EXPECT_EQ(list.emoji[0].group, "Food & Drink");
  EXPECT_EQ(list.emoji[0].subgroup, "food-fruit");
  EXPECT_EQ(list.emoji[1].key, "0023-FE0F-20E3");
  EXPECT_EQ(list.emoji[1].group, "Symbols");
  EXPECT_EQ(list.emoji[1].version, "0.6");
}

TEST(EmojiList, WritesUtf8OfEveryLength) {
  EXPECT_EQ(to_utf8(U"a\u00e9\u4e2d\U0001F34E"), "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x8D\x8E");
}

TEST(EmojiList, NamesTheLineOfAMistake) {
  const std::string head = "# group: A\n# subgroup: b\n";
  EXPECT_THAT(message_of(head + "1F34E fully-qualified\n"),
              HasSubstr("list.txt:3: expected 'code points"));
  EXPECT_THAT(message_of(head + "1F3ZE ; fully-qualified # x E1.0 y\n"),
              HasSubstr("list.txt:3: '1F3ZE' is not a code point"));
  EXPECT_THAT(message_of(head + "D800 ; fully-qualified # x E1.0 y\n"),
              HasSubstr("not a code point"));
  EXPECT_THAT(message_of(head + "110000 ; fully-qualified # x E1.0 y\n"),
              HasSubstr("not a code point"));
  EXPECT_THAT(message_of(head + " ; fully-qualified # x E1.0 y\n"), HasSubstr("no code point"));
  EXPECT_THAT(message_of(head + "1F34E ; fully-qualified # apple\n"), HasSubstr("E<version>"));
  EXPECT_THAT(message_of("1F34E ; fully-qualified # x E1.0 y\n"),
              HasSubstr("before its '# group:'"));
  const std::string apple = "1F34E ; fully-qualified # x E1.0 y\n";
  EXPECT_THAT(message_of(head + apple + apple), HasSubstr("list.txt:4: 1F34E is listed twice"));
}

TEST(EmojiList, RefusesATextWithoutEmoji) {
  EXPECT_THAT(message_of(""), HasSubstr("holds no fully-qualified emoji"));
  EXPECT_THAT(message_of("\xFF\xFE"), HasSubstr("not UTF-8"));
}

}  // namespace
}  // namespace braid
