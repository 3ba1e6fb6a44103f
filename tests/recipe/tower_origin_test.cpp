#include "braid/recipe/tower_origin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/recipe/parse.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A picture and a text field, with `more` among the keys of the picture's.
std::string recipe_text(const std::string& more, const std::string& modality = "size: 32",
                        const std::string& encoder = "width: 64",
                        const std::string& alignment = "{between: [image, text]}") {
  return "data: {manifest: a.jsonl}\nfields:\n  image:\n    from: picture\n    modality: "
         "{kind: image, " +
         modality + "}\n    encoder: {kind: vit, " + encoder + "}\n" + more +
         "  text: {from: title, modality: text, encoder: bag_of_tokens}\nalignment: [" + alignment +
         "]\n";
}

constexpr const char* kFrozen = "    init_from: ../a\n    frozen: true\n";

FieldConfig image_of(const std::string& yaml) { return parse(yaml).fields[0].second; }

TEST(TowerOrigin, IsTheFieldOfTheSameNameUnlessSaid) {
  FieldConfig field;
  field.init_from = "../runs/a";
  EXPECT_EQ(tower_origin("image", field).run, "../runs/a");
  EXPECT_EQ(tower_origin("image", field).field, "image");
  field.init_from = "../runs#1/a#photo";
  EXPECT_EQ(tower_origin("image", field).run, "../runs#1/a");
  EXPECT_EQ(tower_origin("image", field).field, "photo");
}

TEST(TowerOrigin, WhatBelongsToTrainingMayDiffer) {
  const auto theirs = image_of(recipe_text(""));
  const auto mine = image_of(recipe_text(
      "    init_from: ../a\n", "size: 32, keep_side: 64, max_bytes: 9, views: {flip: 0}",
      "width: 64, dropout: 0.3, attention_dropout: 0.1, drop_path: 0.2, patch_dropout: 0.5"));
  EXPECT_EQ(error_of([&] { expect_same_tower("image", mine, theirs); }), "no error");
}

TEST(TowerOrigin, EveryOtherKeyIsNamedWithWhatItMustBe) {
  const auto theirs = image_of(recipe_text(""));
  const auto difference = [&](const std::string& modality, const std::string& encoder) {
    const auto mine = image_of(recipe_text("    init_from: ../a\n", modality, encoder));
    return error_of([&] { expect_same_tower("image", mine, theirs); });
  };
  EXPECT_EQ(difference("size: 32", "width: 96"),
            "config: fields.image.encoder.width: expected 64, as in ../a (init_from), got 96");
  EXPECT_EQ(difference("size: 64", "width: 64"),
            "config: fields.image.modality.size: expected 32, as in ../a (init_from), got 64");
  EXPECT_EQ(difference("size: 32, mean: [0.5, 0.5, 0.4]", "width: 64"),
            "config: fields.image.modality.mean: expected [0.5, 0.5, 0.5], as in ../a (init_from), "
            "got [0.5, 0.5, 0.4]");
}

TEST(TowerOrigin, AnotherKindIsToldBeforeItsKeys) {
  const auto theirs = parse(recipe_text("")).fields[1].second;
  const auto mine = image_of(recipe_text("    init_from: ../a#text\n"));
  EXPECT_EQ(error_of([&] { expect_same_tower("image", mine, theirs); }),
            "config: fields.image.modality.kind: expected text, as in ../a#text (init_from), got "
            "image");
}

TEST(TowerOrigin, ATokenizerOfOnesOwnIsRefused) {
  const auto text = [](const std::string& file) {
    const auto yaml = ConfigNode::parse(
        "{from: t, init_from: ../a, modality: {kind: text, tokenizer_file: " + file +
            "}, encoder: bag_of_tokens}",
        "f.yaml");
    return read<FieldConfig>(yaml);
  };
  EXPECT_EQ(error_of([&] { expect_same_tower("text", text("a.json"), text("b.json")); }),
            "config: fields.text.modality.tokenizer_file: the tokenizer comes from ../a "
            "(init_from); leave it out");
}

TEST(FrozenField, HasNoViewsInTheRecipeThatItWrites) {
  const auto recipe = parse(recipe_text(kFrozen));
  EXPECT_EQ(recipe.fields[0].second.modality.find("views"), nullptr);
  const auto again = parse(recipe.to_yaml());
  EXPECT_TRUE(again.fields[0].second.frozen);
  EXPECT_EQ(again.to_yaml(), recipe.to_yaml());
}

TEST(FrozenField, NeedsWeightsFromSomewhere) {
  EXPECT_EQ(complaint(recipe_text("    frozen: true\n")),
            "config: r.yaml:7:13: field 'image' is frozen without weights worth keeping: name the "
            "run they come from with init_from, or set frozen: false");
}

TEST(FrozenField, RefusesWhatMakesValuesAnewEachStep) {
  EXPECT_THAT(complaint(recipe_text(kFrozen, "size: 32, views: {flip: 0}")),
              HasSubstr("random views are never seen; leave views out"));
  EXPECT_EQ(complaint(recipe_text(kFrozen, "size: 32, views: null")), "no error");
  EXPECT_THAT(complaint(recipe_text(std::string(kFrozen) + "    draw: {join: 0.5}\n")),
              HasSubstr("draw.join makes new ones each step; set draw.join: 0"));
  EXPECT_THAT(complaint(recipe_text(kFrozen, "size: 32", "width: 64",
                                    "{between: [image, text]}, {views: image}")),
              HasSubstr("views: field 'image' is frozen, its views are all the same"));
}

}  // namespace
}  // namespace braid
