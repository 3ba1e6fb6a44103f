#include "braid/demo_data/emoji_base.h"

#include <gtest/gtest.h>

namespace braid {
namespace {

TEST(EmojiBase, LeavesAThingAlone) {
  EXPECT_EQ(kin_emoji(U"\U0001F34E"), U"\U0001F34E");
  EXPECT_EQ(kin_emoji(U"\U0001F426\u200D\u2B1B"), U"\U0001F426\u200D\u2B1B");  // black bird
  EXPECT_EQ(kin_emoji(U"\u2642\uFE0F"), U"\u2642");    // the male sign itself
  EXPECT_EQ(kin_emoji(U"\U0001F3FB"), U"\U0001F3FB");  // a lone skin tone
}

TEST(EmojiBase, IgnoresSkinTones) {
  EXPECT_EQ(kin_emoji(U"\U0001F44B\U0001F3FD"), U"\U0001F44B");  // waving hand
  EXPECT_EQ(kin_emoji(U"\U0001F91D\U0001F3FB"), U"\U0001F91D");
  EXPECT_EQ(kin_emoji(U"\U0001FAF1\U0001F3FB\u200D\U0001FAF2\U0001F3FF"), U"\U0001F91D");
}

TEST(EmojiBase, GathersTheGendersOfOneThing) {
  const std::u32string runner = U"\U0001F3C3", person = U"\U0001F9D1",
                       coder = U"\U0001F9D1\u200D\U0001F4BB";
  EXPECT_EQ(kin_emoji(U"\U0001F3C3\u200D\u2640\uFE0F"), runner);
  EXPECT_EQ(kin_emoji(U"\U0001F3C3\U0001F3FE\u200D\u2642\uFE0F"), runner);
  EXPECT_EQ(kin_emoji(U"\U0001F3C3\u200D\u2640\uFE0F\u200D\u27A1\uFE0F"), runner);  // facing right
  EXPECT_EQ(kin_emoji(U"\U0001F468\u200D\U0001F4BB"), coder);
  EXPECT_EQ(kin_emoji(U"\U0001F469\U0001F3FB\u200D\U0001F4BB"), coder);
  EXPECT_EQ(kin_emoji(coder), coder);
  EXPECT_EQ(kin_emoji(U"\U0001F469\u200D\U0001F9B0"), person);    // red hair
  EXPECT_EQ(kin_emoji(U"\U0001F9D4\u200D\u2642\uFE0F"), person);  // man: beard
  EXPECT_EQ(kin_emoji(U"\U0001F478"), kin_emoji(U"\U0001F934"));  // princess, prince
  EXPECT_EQ(kin_emoji(U"\U0001F57A"), kin_emoji(U"\U0001F483"));  // dancing
  EXPECT_EQ(kin_emoji(U"\U0001F9D1\u200D\U0001F384"), kin_emoji(U"\U0001F936"));  // Claus
}

TEST(EmojiBase, GathersFamiliesAndCouples) {
  EXPECT_EQ(kin_emoji(U"\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"),
            U"\U0001F46A");
  EXPECT_EQ(kin_emoji(U"\U0001F9D1\u200D\U0001F9D2"), U"\U0001F46A");
  EXPECT_EQ(kin_emoji(U"\U0001F469\u200D\u2764\uFE0F\u200D\U0001F48B\u200D\U0001F468"),
            U"\U0001F48F");
  EXPECT_EQ(kin_emoji(U"\U0001F468\u200D\u2764\uFE0F\u200D\U0001F468"), U"\U0001F491");
  EXPECT_EQ(kin_emoji(U"\U0001F46D\U0001F3FC"), U"\U0001F46B");
  EXPECT_EQ(kin_emoji(U"\U0001F9D1\U0001F3FB\u200D\U0001F91D\u200D\U0001F9D1\U0001F3FB"),
            U"\U0001F46B");
}

}  // namespace
}  // namespace braid
