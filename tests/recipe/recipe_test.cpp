#include "braid/recipe/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/file.h"
#include "tests/recipe/parse.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

constexpr const char* kSmall = R"(data: {manifest: a.jsonl}
fields:
  image:
    from: picture
    modality: {kind: image, size: 32}
    encoder: cnn
  text:
    from: {en: title, zh: [title_zh, alt_zh]}
    modality: text
    encoder: {kind: bag_of_tokens, width: 64}
alignment:
  - between: [image, text]
)";

// kSmall with `from` replaced, once.
std::string changed(const std::string& from, const std::string& to) {
  std::string yaml = kSmall;
  const size_t at = yaml.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return yaml.replace(at, from.size(), to);
}

TEST(Recipe, FillsInDefaults) {
  const auto recipe = parse(kSmall);
  EXPECT_EQ(recipe.name, "run");
  EXPECT_EQ(recipe.train.batch, 128);
  EXPECT_EQ(recipe.train_split, "train");
  ASSERT_EQ(recipe.fields.size(), 2u);
  EXPECT_EQ(recipe.fields[0].first, "image");
  EXPECT_EQ(recipe.fields[0].second.encoder.find("kind")->text(), "cnn");
  EXPECT_EQ(recipe.fields[0].second.modality.find("size")->text(), "32");
  EXPECT_NE(recipe.fields[1].second.modality.find("max_tokens"), nullptr);
  EXPECT_EQ(recipe.alignment[0].loss.find("kind")->text(), "info_nce");
  EXPECT_EQ(recipe.alignment[0].weight, 1);
}

TEST(Recipe, ViewsAreAlignedByNtXentUnlessSaid) {
  const auto recipe = parse(std::string(kSmall) + "  - {views: image, weight: 0.5}\n");
  EXPECT_EQ(recipe.alignment[1].loss.find("kind")->text(), "nt_xent");
  EXPECT_EQ(recipe.alignment[1].weight, 0.5);
}

TEST(Recipe, SourcesKeepLabelsAndPooledColumns) {
  const auto sources = parse(kSmall).sources();
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0].modality, "image");
  EXPECT_THAT(sources[0].columns, ElementsAre(Pair("", ElementsAre("picture"))));
  EXPECT_THAT(sources[1].columns, ElementsAre(Pair("en", ElementsAre("title")),
                                              Pair("zh", ElementsAre("title_zh", "alt_zh"))));
}

TEST(Recipe, ItsOwnYamlReadsBackAsTheSame) {
  const std::string awkward =
      "name: \"null\"\nlicence: \"a: b # c\"\nseed: 7\ndisplay: [\"1\", \"红\", \" x \"]\n"
      "train: {minutes: 2.5, steps: 30, choose: last}\n"
      "eval:\n  protocols:\n    - {name: B, split: test, gallery: {split: all}, "
      "queries: {where: {withheld: \"true\"}}, from: {en: [a, b]}}\n";
  for (const auto& yaml : {std::string(kSmall), awkward + kSmall}) {
    const auto once = parse(yaml).to_yaml();
    const auto twice = parse(once).to_yaml();
    EXPECT_EQ(once, twice);
  }
  const auto again = parse(parse(awkward + kSmall).to_yaml());
  EXPECT_EQ(again.name, "null");
  EXPECT_EQ(again.licence, "a: b # c");
  EXPECT_THAT(again.display, ElementsAre("1", "红", " x "));
  EXPECT_EQ(again.train.minutes, 2.5);
  EXPECT_EQ(again.train.steps, 30);
  EXPECT_EQ(again.train.choose, Choice::kLast);
  EXPECT_EQ(again.eval.protocols[0].queries.where.at("withheld"), "true");
  EXPECT_EQ(again.eval.protocols[0].gallery.split, "all");
}

TEST(Recipe, FieldIndexNamesWhatThereIs) {
  const auto recipe = parse(kSmall);
  EXPECT_EQ(recipe.field_index("text"), 1u);
  EXPECT_EQ(error_of([&] { recipe.field_index("texts"); }),
            "usage: no field 'texts' (did you mean 'text'?); this recipe has: image, text");
}

TEST(Recipe, OverridesReachIntoMapsAndLists) {
  const Scratch folder;
  write_atomic(folder / "r.yaml", std::string_view(kSmall));
  const auto recipe =
      load_recipe(folder / "r.yaml",
                  {"train.epochs=3", "fields.image.modality.size=48", "alignment.0.weight=2",
                   "fields.image.encoder={kind: vit, patch: 16}", "name=it", "train.steps=1e2"});
  EXPECT_EQ(recipe.train.epochs, 3);
  EXPECT_EQ(recipe.fields[0].second.modality.find("size")->text(), "48");
  EXPECT_EQ(recipe.fields[0].second.encoder.find("patch")->text(), "16");
  EXPECT_EQ(recipe.alignment[0].weight, 2);
  EXPECT_EQ(recipe.train.steps, 100);
  EXPECT_EQ(recipe.base, folder.path());
}

TEST(Recipe, WrongOverridesSayTheCommandLine) {
  const Scratch folder;
  write_atomic(folder / "r.yaml", std::string_view(kSmall));
  const auto with = [&](const std::string& text) {
    return error_of([&] { load_recipe(folder / "r.yaml", {text}); });
  };
  EXPECT_THAT(with("train.epochs"), StartsWith("usage: 'train.epochs': expected an override"));
  EXPECT_THAT(with("train.epochs=many"),
              HasSubstr("command line: train.epochs: expected an integer, got 'many'"));
  EXPECT_THAT(with("train.epoch=3"), HasSubstr("unknown key 'epoch' (did you mean 'epochs'?)"));
  EXPECT_THAT(with("alignment.1.weight=2"), HasSubstr("'1' is not one of the 1 list items"));
  EXPECT_THAT(with("fields.image.from.x=2"), HasSubstr("stands below the plain value"));
}

TEST(Recipe, EveryRecipeOfTheTreeParsesAndReadsBack) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(BRAID_SOURCE_DIR "/recipes")) {
    if (entry.path().extension() != ".yaml") continue;
    const auto recipe = load_recipe(entry.path());
    EXPECT_EQ(recipe.to_yaml(), parse(recipe.to_yaml()).to_yaml()) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 2);
}

TEST(Recipe, VectorsCanBeCutToWidthsThatEveryPairTrains) {
  const auto widths = [](const std::string& terms) {
    return parse(changed("  - between: [image, text]\n", terms)).widths();
  };
  EXPECT_EQ(widths("  - between: [image, text]\n"), (std::vector<int64_t>{256}));
  EXPECT_EQ(widths("  - {between: [image, text], widths: [16, 256, 64]}\n"),
            (std::vector<int64_t>{256, 64, 16}));
  EXPECT_EQ(widths("  - {between: [image, text], widths: [256, 64]}\n  - views: image\n"),
            (std::vector<int64_t>{256, 64}));
  EXPECT_EQ(
      widths("  - {views: text, widths: [256, 8]}\n  - {views: image, widths: [256, 64, 8]}\n"),
      (std::vector<int64_t>{256, 8}));
}

TEST(Recipe, AWidthThatNobodyTrainedIsRefusedByName) {
  const auto recipe = parse(
      changed("  - between: [image, text]\n", "  - {between: [image, text], widths: [256, 64]}\n"));
  EXPECT_EQ(recipe.width_or_whole(0), 256);
  EXPECT_EQ(recipe.width_or_whole(64), 64);
  EXPECT_EQ(error_of([&] { recipe.width_or_whole(100); }),
            "usage: width 100: not one that this run trained; there are: 256, 64 (widths of its "
            "alignment terms)");
}

struct Wrong {
  const char* name;
  std::string yaml, expected;
};

class WrongRecipe : public testing::TestWithParam<Wrong> {};

TEST_P(WrongRecipe, SaysWhereAndWhat) {
  EXPECT_THAT(complaint(GetParam().yaml), StartsWith("config: r.yaml:" + GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongRecipe,
    testing::Values(
        Wrong{"UnknownLayout", changed("manifest: a.jsonl", "manifest: a, layout: shard"),
              "1:29: data: no layout 'shard' (did you mean 'shards'?); known: auto, manifest"},
        Wrong{"EmptyBuffer", changed("manifest: a.jsonl", "manifest: a, shuffle_buffer: 0"),
              "1:37: shuffle_buffer: expected >= 1, got 0"},
        Wrong{"NoMap", "[1, 2]",
              "1:1: expected a recipe: a map with data, fields, alignment or tasks, train"},
        Wrong{"UnknownKey", changed("alignment:", "alignments:"),
              "12:3: unknown key 'alignments' (did you mean 'alignment'?)"},
        Wrong{"NoFields", "data: {manifest: a}\nalignment: []\n",
              "1:1: fields: expected at least one"},
        Wrong{"FieldsNoMap", "data: {manifest: a}\nfields: [x]\nalignment: []\n",
              "2:9: fields: expected at least one"},
        Wrong{"FieldName", changed("  image:\n", "  im/age:\n"),
              "4:5: field name 'im/age': letters, digits, _ only"},
        Wrong{"NoFrom", changed("    from: picture\n", ""), "4:5: field 'image' needs `from`"},
        Wrong{"NoModality", changed("    modality: text\n", ""),
              "8:5: field 'text' needs `modality`"},
        Wrong{"NoEncoder", changed("    encoder: cnn\n", ""), "4:5: field 'image' needs `encoder`"},
        Wrong{"EmptyFrom", changed("from: picture", "from: []"), "4:11: expected a column"},
        Wrong{"UnknownModality", changed("modality: text", "modality: txet"),
              "9:15: unknown modality 'txet' (did you mean 'text'?); known: image, text"},
        Wrong{"UnknownEncoder", changed("encoder: cnn", "encoder: {kind: cnnn}"),
              "6:21: unknown encoder 'cnnn' (did you mean 'cnn'?)"},
        Wrong{"KindMissing", changed("encoder: cnn", "encoder: {width: 3}"),
              "6:14: expected encoder as {kind: NAME, ...}"},
        Wrong{"MemberKey", changed("width: 64", "widht: 64"),
              "10:43: unknown key 'widht' (did you mean 'width'?)"},
        Wrong{"MemberBound", changed("size: 32", "size: 0"), "5:35: size: expected "},
        Wrong{"NoAlignment",
              "data: {manifest: a}\nfields:\n  t: {from: a, modality: text, encoder: "
              "bag_of_tokens}\n",
              "1:1: alignment: expected at least one term"},
        Wrong{"TermWithoutFields", changed("  - between: [image, text]", "  - weight: 2"),
              "12:5: expected either `between: [a, b]` or `views: a`"},
        Wrong{"TermWithBoth", changed("[image, text]", "[image, text]\n    views: image"),
              "12:5: expected either"},
        Wrong{"OneField", changed("[image, text]", "[image]"),
              "12:5: between: expected two fields"},
        Wrong{"WidthTooLarge", changed("[image, text]", "[image, text]\n    widths: [512, 256]"),
              "12:5: widths: expected 1 .. space.width = 256, got 512"},
        Wrong{"WidthTwice", changed("[image, text]", "[image, text]\n    widths: [256, 64, 64]"),
              "12:5: widths: 64 stands twice"},
        Wrong{"WholeWidthMissing", changed("[image, text]", "[image, text]\n    widths: [64]"),
              "12:5: widths: expected space.width = 256 among them"},
        Wrong{
            "WidthWeightsCount",
            changed("[image, text]", "[image, text]\n    widths: [256]\n    width_weights: [1, 2]"),
            "12:5: width_weights: expected one for each of 1 widths, got 2"},
        Wrong{"WidthWeightZero",
              changed("[image, text]", "[image, text]\n    widths: [256]\n    width_weights: [0]"),
              "12:5: width_weights: expected > 0, got 0"},
        Wrong{"TermField", changed("[image, text]", "[image, txt]"),
              "12:5: no field 'txt' (did you mean 'text'?)"},
        Wrong{"NegativeWeight", changed("[image, text]", "[image, text]\n    weight: -1"),
              "13:13: weight: expected >= 0, got -1"},
        Wrong{"UnknownLoss", changed("[image, text]", "[image, text]\n    loss: infonce"),
              "13:11: unknown alignment 'infonce' (did you mean 'info_nce'?)"},
        Wrong{"TermTwice", changed("[image, text]", "[image, text]\n  - between: [text, image]"),
              "13:5: text and image are aligned by an earlier term already, of kind info_nce"},
        Wrong{"ViewsTwice", std::string(kSmall) + "  - views: image\n  - views: image\n",
              "14:5: views of image are aligned by an earlier term already, of kind nt_xent"},
        Wrong{"OneSourceWithItself", changed("[image, text]", "[image, image]"),
              "12:5: between: image has one source only, nothing to align it with"},
        Wrong{"NegativeSeed", "seed: -1\n" + std::string(kSmall), "1:7: seed: expected >= 0"},
        Wrong{"NoData", "name: x\n" + changed("data: {manifest: a.jsonl}\n", ""),
              "1:1: data: expected either `manifest` or `files`"},
        Wrong{"TwoData", changed("{manifest: a.jsonl}", "{manifest: a, files: {train: b}}"),
              "1:7: data: expected either `manifest` or `files`"},
        Wrong{"TwoSplits",
              changed("{manifest: a.jsonl}", "{manifest: a, split_column: s, hash: {train: 1}}"),
              "1:7: data: split_column, files and hash exclude each other"},
        Wrong{"ProtocolWithoutSplit", std::string(kSmall) + "eval: {protocols: [{name: A}]}\n",
              "13:20: a protocol needs `split`"},
        Wrong{"ProtocolField",
              std::string(kSmall) + "eval: {protocols: [{split: test, query: txet}]}\n",
              "13:20: no field 'txet' (did you mean 'text'?)"},
        Wrong{"Metric", std::string(kSmall) + "eval: {metric: recall@7}\n",
              "13:16: eval.metric: no metric 'recall@7'"},
        Wrong{"TrainBound", std::string(kSmall) + "train: {batch: 1}\n",
              "13:16: batch: expected 2 .. 1048576, got 1"},
        Wrong{"Minutes", std::string(kSmall) + "train: {minutes: 0}\n",
              "13:18: minutes: expected > 0, got 0"},
        Wrong{"Steps", std::string(kSmall) + "train: {steps: 0}\n",
              "13:16: steps: expected >= 1, got 0"},
        Wrong{"CheckpointSteps", std::string(kSmall) + "train: {checkpoint_steps: 0}\n",
              "13:27: checkpoint_steps: expected >= 1, got 0"},
        Wrong{"Workers", std::string(kSmall) + "train: {workers: -1}\n",
              "13:18: workers: expected 0 .. 256, got -1"},
        Wrong{"Duplicate", "name: a\nname: b\n", "2:1: key 'name' stands twice"},
        Wrong{"BrokenYaml", "name: [a\n", "2:1: not valid YAML"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace braid
