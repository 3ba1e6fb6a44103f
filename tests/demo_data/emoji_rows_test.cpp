#include "braid/demo_data/emoji_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace braid {
namespace {

using testing::ElementsAre;

Emoji emoji(const std::u32string& points) {
  return {points, code_points(points), to_utf8(points), "group", "subgroup", "1.0"};
}

// Emoji U+1F400.. with a name and two keywords each, one of which is the name in disguise.
std::vector<EmojiRow> many_rows(int count) {
  EmojiList list;
  Annotations en, zh;
  for (int i = 0; i < count; ++i) {
    const std::u32string points(1, static_cast<char32_t>(0x1F400 + i));
    const auto number = std::to_string(i);
    list.emoji.push_back(emoji(points));
    en[to_utf8(points)] = {"Name: " + number, {"thing", "name " + number, "名" + number}};
    zh[to_utf8(points)] = {"名" + number, {"东西", "NAME" + number}};
  }
  auto rows = annotate(list, {{"en", en}, {"zh", zh}}, false);
  assign_splits(rows);
  return rows;
}

TEST(EmojiRows, LeavesOutTonesAndTheUnnamed) {
  EmojiList list;
  list.emoji = {emoji(U"\U0001F44B"), emoji(U"\U0001F44B\U0001F3FB"), emoji(U"\U0001FAE8")};
  const Annotations en{{"\U0001F44B", {"waving hand", {"hand"}}},
                       {"\U0001F44B\U0001F3FB", {"waving hand: light skin tone", {"hand"}}}};
  EXPECT_EQ(annotate(list, {{"en", en}}, false).size(), 1u);
  EXPECT_EQ(annotate(list, {{"en", en}}, true).size(), 2u);
  EXPECT_EQ(count_listed(list, false), 2);
  EXPECT_EQ(count_listed(list, true), 3);
}

TEST(EmojiRows, KeepsAnEmojiThatOneLanguageNames) {
  EmojiList list;
  list.emoji = {emoji(U"\U0001F34E")};
  const Annotations zh{{"🍎", {"红苹果", {"苹果"}}}};
  auto rows = annotate(list, {{"en", {}}, {"zh", zh}}, false);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].languages.at("en").name, "");
  EXPECT_EQ(rows[0].languages.at("zh").name, "红苹果");
}

TEST(EmojiRows, FindsNamesWrittenWithoutTheSelector) {
  EmojiList list;
  list.emoji = {emoji(U"\u2764\uFE0F")};
  const auto rows = annotate(list, {{"en", {{"\u2764", {"red heart", {}}}}}}, false);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].emoji.key, "2764-FE0F");
  EXPECT_EQ(rows[0].base, "2764");
}

TEST(EmojiRows, SplitsInTheStatedShares) {
  const auto rows = many_rows(3000);
  std::map<std::string, int> splits;
  int withheld = 0;
  for (const auto& row : rows) {
    ++splits[row.split];
    withheld += row.withheld;
    if (row.withheld) {
      EXPECT_EQ(row.split, "train");
    }
  }
  // Binomial: five standard deviations.
  EXPECT_NEAR(splits["train"], 2400, 110);
  EXPECT_NEAR(splits["val"], 300, 82);
  EXPECT_NEAR(splits["test"], 300, 82);
  EXPECT_NEAR(withheld, splits["train"] / 3.0, 116);
}

TEST(EmojiRows, HidesAWithheldNameInEveryDisguise) {
  for (const auto& row : many_rows(60)) {
    const auto &en = row.languages.at("en"), &zh = row.languages.at("zh");
    if (row.withheld) {
      EXPECT_THAT(en.texts, ElementsAre("thing"));
      EXPECT_THAT(zh.texts, ElementsAre("东西"));
    } else {
      EXPECT_EQ(en.texts.size(), 4u);
      EXPECT_EQ(en.texts[0], en.name);
      EXPECT_EQ(zh.texts.size(), 3u);
    }
    EXPECT_EQ(en.keywords.size(), 3u);
  }
}

TEST(EmojiRows, WithholdsTonedCopiesTogether) {
  EmojiList list;
  Annotations en;
  for (char32_t hand = 0x1F442; hand < 0x1F4FF; ++hand) {
    const std::string plain = to_utf8(std::u32string(1, hand));
    const auto name = "hand " + std::to_string(hand);
    list.emoji.push_back(emoji({hand}));
    list.emoji.push_back(emoji({hand, 0x1F3FB}));
    en[plain] = {name, {"hand"}};
    en[plain + to_utf8(U"\U0001F3FB")] = {name + ": light", {"hand", name}};
  }
  auto rows = annotate(list, {{"en", en}}, true);
  assign_splits(rows);
  int withheld = 0;
  for (size_t i = 0; i < rows.size(); i += 2) {
    EXPECT_EQ(rows[i].split, rows[i + 1].split);
    ASSERT_EQ(rows[i].withheld, rows[i + 1].withheld);
    if (!rows[i].withheld) continue;
    ++withheld;
    // The plain emoji's name does not come back as a keyword of its toned copy.
    EXPECT_THAT(rows[i + 1].languages.at("en").texts, ElementsAre("hand"));
  }
  EXPECT_GT(withheld, 10);
}

TEST(EmojiRows, JoinsBasesOfEqualPicturesThroughChains) {
  EmojiList list;
  Annotations en;
  for (char32_t c = 0x1F400; c < 0x1F405; ++c) {
    list.emoji.push_back(emoji({c}));
    en[to_utf8(std::u32string(1, c))] = {"x", {}};
  }
  auto rows = annotate(list, {{"en", en}}, false);
  rows[3].base = rows[1].base;  // two pictures of one base tie three rows together
  join_equal_pictures(rows, {"a", "b", "c", "a", "d"});
  EXPECT_EQ(rows[0].base, "1F400");
  EXPECT_EQ(rows[1].base, "1F400");
  EXPECT_EQ(rows[3].base, "1F400");
  EXPECT_EQ(rows[2].base, "1F402");
  EXPECT_EQ(rows[4].base, "1F404");
  EXPECT_EQ(rows[3].kin, "1F400");
}

}  // namespace
}  // namespace braid
