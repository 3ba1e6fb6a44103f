// Programs on more than two fields, with values missing everywhere, and recipes that classify by
// label prompts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "small_emoji.h"

namespace braid::test {
namespace {

class Mway : public SlowTest {
 protected:
  // No row has all three fields; of the second split of training rows `de` is wholly absent.
  void write_three() {
    std::string rows;
    const char* colours[][3] = {{"red", "rot", "rouge"},
                                {"blue", "blau", "bleu"},
                                {"green", "gruen", "vert"},
                                {"white", "weiss", "blanc"}};
    for (int i = 0; i < 96; ++i) {
      const auto* words = colours[i % 4];
      const std::string number = " " + std::to_string(i / 4);
      Json row{{"split", i < 72 ? "train" : "val"}, {"colour", words[0]}};
      if (i / 4 % 3 != 0) row["en"] = words[0] + number;
      if (i / 4 % 3 != 1) row["de"] = words[1] + number;
      if (i / 4 % 3 != 2) row["fr"] = words[2] + number;
      rows += row.dump() + "\n";
    }
    write_atomic(folder_ / "all.jsonl", rows);
    std::string recipe = "data: {manifest: all.jsonl, split_column: split}\nanchor: en\nfields:\n";
    for (const std::string name : {"en", "de", "fr"}) {
      recipe += "  " + name + ": {from: " + name +
                ", modality: {kind: text, max_tokens: 8, tokenizer: {vocabulary: 300}}, encoder: "
                "{kind: text_transformer, trunk: shared}}\n";
    }
    write_atomic(
        folder_ / "recipe.yaml",
        recipe +
            "trunk: {width: 16, depth: 1, heads: 2}\nspace: {width: 16}\ntrain: {batch: 24, "
            "epochs: 4, modality_dropout: 0.2}\n");
  }
};

TEST_F(Mway, NoSampleHasAllFieldsAndEveryPairIsMeasured) {
  write_three();
  const auto run_at = quoted(folder_ / "run");
  const auto ran =
      braid_output("train -q --json " + quoted(folder_ / "recipe.yaml") + " -o " + run_at);
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto summary = Json::parse(ran.output);
  std::set<std::string> directions;
  for (const auto& metric : summary["metrics"]) directions.insert(metric["direction"]);
  EXPECT_EQ(directions,
            (std::set<std::string>{"en->de", "de->en", "en->fr", "fr->en", "de->fr", "fr->de"}));
  ASSERT_EQ(summary["matrices"].size(), 1u);
  EXPECT_EQ(summary["matrices"][0]["values"].size(), 3u);
  const auto told = braid("eval -q " + run_at + " --split val");
  EXPECT_THAT(told.output, testing::HasSubstr("rows ask, columns are searched"));
  const auto again =
      braid("train -q " + quoted(folder_ / "recipe.yaml") + " -o " + quoted(folder_ / "from") +
            " train.epochs=1 fields.en.init_from=run " + "fields.de.init_from=run");
  EXPECT_EQ(again.status, 0) << again.output;
}

TEST_F(Mway, RecipesClassifyByLabelPrompts) {
  const char* set = std::getenv("BRAID_DATA");
  const fs::path data = set ? set : BRAID_SOURCE_DIR "/../shared/data";
  if (!fs::exists(data / "sign_digits")) GTEST_SKIP() << "no sign_digits";
  for (const std::string name : {"sign_digits", "sign_digits_shared", "face_expressions"}) {
    const auto run_at = quoted(folder_ / name);
    const auto ran =
        run("BRAID_DATA=" + quoted(fs::canonical(data)) + " " + quoted(BRAID_PROGRAM) +
            " train -q --json " + quoted(BRAID_SOURCE_DIR "/recipes/" + name + ".yaml") + " -o " +
            run_at + " train.steps=6 train.batch=16 2>/dev/null");
    ASSERT_EQ(ran.status, 0) << name << ": " << ran.output;
    size_t classes = 0;
    const auto summary = Json::parse(ran.output);
    for (const auto& metric : summary["metrics"]) {
      EXPECT_FALSE(metric["chance"].is_null());
      classes += metric["label"] != "";
    }
    EXPECT_EQ(classes, name == "face_expressions" ? 6u : 10u);
  }
}

}  // namespace
}  // namespace braid::test
