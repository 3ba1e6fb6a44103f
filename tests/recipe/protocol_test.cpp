// Protocols of prompts, anchors, withheld classes, shared trunks: what recipes say and may not say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/recipe/recipe.h"
#include "tests/recipe/parse.h"

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kThree = R"(data: {manifest: a.jsonl}
fields:
  image: {from: picture, modality: {kind: image, size: 32}, encoder: cnn}
  text: {from: title, modality: text, encoder: bag_of_tokens}
  sign: {from: sign, modality: {kind: image, size: 32}, encoder: cnn}
)";

std::string three(const std::string& more) { return std::string(kThree) + more; }

std::string with_protocol(const std::string& protocol) {
  return three("anchor: text\neval: {metric: accuracy, protocols: [" + protocol + "]}\n");
}

constexpr const char* kPlain = ", labels: {column: d}";

ProtocolConfig protocol(const std::string& yaml) {
  return parse(with_protocol("{kind: prompts, split: val" + yaml + "}")).eval.protocols.at(0);
}

TEST(Prompts, TemplatesTimesTextsForEachLanguage) {
  const auto languages = parse_prompts(protocol(
      ", labels: {column: d, texts: {0: {en: [zero, nought], zh: 零}, 1: {en: one, zh: 一}}}, "
      "templates: {en: ['a {}', '{} is {}'], zh: '{}的'}"));
  ASSERT_EQ(languages.size(), 2u);
  EXPECT_EQ(languages[0].language, "en");
  EXPECT_THAT(languages[0].prompts("0"),
              ElementsAre("a zero", "a nought", "zero is zero", "nought is nought"));
  EXPECT_THAT(languages[1].prompts("1"), ElementsAre("一的"));
}

TEST(Prompts, WithoutTextsALabelIsItsOwn) {
  const auto languages = parse_prompts(protocol(kPlain));
  ASSERT_EQ(languages.size(), 1u);
  EXPECT_EQ(languages[0].language, "");
  EXPECT_THAT(languages[0].prompts("cat"), ElementsAre("cat"));
  EXPECT_THAT(parse_prompts(protocol(std::string(kPlain) + ", templates: 'a {}'"))[0].prompts("{}"),
              ElementsAre("a {}"));
}

TEST(Prompts, MistakesAreNamed) {
  const auto told = [](const std::string& text) { return complaint(with_protocol(text)); };
  EXPECT_THAT(told("{kind: prompts, split: val}"), HasSubstr("needs `labels"));
  EXPECT_THAT(told("{kind: prompts, split: val, labels: {column: d}, templates: 'a cat'}"),
              HasSubstr("'a cat' has no {}"));
  EXPECT_THAT(told("{kind: prompts, split: val, labels: {column: d, texts: {0: {en: zero}, 1: {zh: "
                   "一}}}}"),
              HasSubstr("label '1' has no text in 'en'"));
  EXPECT_THAT(told("{kind: prompts, split: val, labels: {column: d}, against: image}"),
              HasSubstr("against: not a key"));
  EXPECT_THAT(told("{kind: prompts, split: val, labels: {column: d}, relevant: d}"),
              HasSubstr("relevant: not a key"));
  EXPECT_THAT(told("{split: val, of: image}"), HasSubstr("of: not a key"));
  EXPECT_THAT(told("{split: val, group: patient}"), HasSubstr("group: not a key"));
  EXPECT_THAT(told("{kind: prompts, split: val, labels: {column: d}, of: imaeg}"),
              HasSubstr("did you mean 'image'"));
}

TEST(Anchor, EveryOtherFieldIsAlignedWithItOnce) {
  const auto recipe =
      parse(three("anchor: text\nalignment: [{between: [sign, text], weight: 2}]\n"));
  ASSERT_EQ(recipe.alignment.size(), 2u);
  EXPECT_THAT(recipe.alignment[0].between, ElementsAre("sign", "text"));
  EXPECT_EQ(recipe.alignment[0].weight, 2);
  EXPECT_THAT(recipe.alignment[1].between, ElementsAre("text", "image"));
  EXPECT_EQ(recipe.alignment[1].loss.find("kind")->text(), "info_nce");
  EXPECT_EQ(parse(recipe.to_yaml()).to_yaml(), recipe.to_yaml());
  EXPECT_THAT(complaint(three("anchor: txet\n")), HasSubstr("did you mean 'text'"));
  EXPECT_THAT(complaint(three("")), HasSubstr("or anchor"));
}

TEST(ModalityDropout, IsOnWithMoreThanTwoFields) {
  EXPECT_EQ(parse(three("anchor: text\n")).train.modality_dropout, 0.1);
  EXPECT_EQ(parse(three("anchor: text\ntrain: {modality_dropout: 0}\n")).train.modality_dropout, 0);
  EXPECT_THAT(complaint(three("anchor: text\ntrain: {modality_dropout: 1}\n")),
              HasSubstr("expected [0, 1), got 1"));
  std::string two = kThree;
  two.erase(two.find("  sign:"));
  EXPECT_EQ(parse(two + "anchor: text\n").train.modality_dropout, 0);
  EXPECT_THAT(complaint(two + "anchor: text\ntrain: {modality_dropout: 0.1}\n"),
              HasSubstr("leaves no pair"));
}

constexpr const char* kShared = R"(data: {manifest: a.jsonl}
trunk: {width: 16, depth: 2, heads: 2}
anchor: text
fields:
  image: {from: p, modality: {kind: image, size: 32}, encoder: {kind: vit, trunk: shared}}
  text: {from: t, modality: text, encoder: {kind: text_transformer, trunk: shared)";

TEST(SharedTrunk, GivesItsKeysToTheEncoders) {
  const auto recipe = parse(std::string(kShared) + "}}\n");
  EXPECT_TRUE(recipe.shares_trunk(0) && recipe.shares_trunk(1));
  for (const auto& [name, field] : recipe.fields) {
    EXPECT_EQ(field.encoder.find("width")->text(), "16") << name;
    EXPECT_EQ(field.encoder.find("depth")->text(), "2") << name;
  }
  EXPECT_EQ(parse(recipe.to_yaml()).to_yaml(), recipe.to_yaml());
}

TEST(SharedTrunk, MistakesAreNamed) {
  EXPECT_THAT(complaint(std::string(kShared) + ", width: 32}}\n"), HasSubstr("width: is 16"));
  EXPECT_THAT(complaint(std::string(kShared) + "}, frozen: true, init_from: x}\n"),
              HasSubstr("a shared trunk trains"));
  std::string none = std::string(kShared) + "}}\n";
  none.erase(none.find("trunk: {"), none.find("anchor") - none.find("trunk: {"));
  EXPECT_THAT(complaint(none), HasSubstr("the recipe has no `trunk`"));
  std::string heads = std::string(kShared) + "}}\n";
  heads.replace(heads.find("heads: 2"), 8, "heads: 3");
  EXPECT_THAT(complaint(heads), HasSubstr("heads: 3 does not divide width 16"));
}

TEST(Withhold, IsAMapOfValues) {
  const auto recipe = parse(three("anchor: text\nwithhold: {digit: [3, 7]}\n"));
  EXPECT_THAT(recipe.withhold.at("digit"), ElementsAre("3", "7"));
}

}  // namespace
}  // namespace braid
