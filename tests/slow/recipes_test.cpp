// Recipes on a slice of their data: each trains some steps and is evaluated on its test split;
// skipped where $BRAID_DATA is absent. sign_digits and face_expressions: mway_test.cpp; chest_xray:
// chest_xray_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "small_emoji.h"

namespace braid::test {
namespace {

// In commands and overrides the shell knows $BRAID, $BRAID_DATA and $OUT, a folder of the test.
struct RecipeSlice {
  const char* name;
  const char* data;  // folder of the shared data that it reads
  const char* overrides;
  std::set<std::string> directions;  // of the test split
  const char* prepare = "true";      // makes what the recipe reads beside the shared data
};

// What espeak-ng is needed for cannot be made without it.
bool says_no_voice(const std::string& output) {
  return output.find("libespeak-ng") != output.npos || output.find("no voices") != output.npos;
}

void PrintTo(const RecipeSlice& slice, std::ostream* out) { *out << slice.name; }

class RecipeOnASlice : public SlowTest, public testing::WithParamInterface<RecipeSlice> {};

TEST_P(RecipeOnASlice, TrainsAndIsEvaluatedAgainstChance) {
  const auto& slice = GetParam();
  const char* set = std::getenv("BRAID_DATA");
  const fs::path data = set ? set : BRAID_SOURCE_DIR "/../shared/data";
  if (!fs::exists(data / slice.data)) GTEST_SKIP() << "no " << slice.data;
  const auto run_at = quoted(folder_ / "run");
  const auto program = quoted(BRAID_PROGRAM) + " ";
  const auto known = "export BRAID_DATA=" + quoted(fs::canonical(data)) + " OUT=" +
                     quoted(folder_) + " BRAID=" + program + "; ";
  const auto prepared = run(known + slice.prepare);
  if (says_no_voice(prepared.output)) GTEST_SKIP() << prepared.output;
  ASSERT_EQ(prepared.status, 0) << prepared.output;
  const auto trained =
      run(known + program + "train -q " +
          quoted(BRAID_SOURCE_DIR "/recipes/" + std::string(slice.name)) + ".yaml -o " + run_at +
          " train.steps=6 train.batch=16 " + slice.overrides);
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto evaluated =
      run(known + program + "eval -q --json --split test " + run_at + " 2>/dev/null");
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  const auto record = Json::parse(evaluated.output);
  std::set<std::string> directions;
  for (const auto& metric : record["metrics"]) {
    directions.insert(metric["direction"]);
    if (metric["name"] != "median_rank" && metric["name"] != "mrr") {
      EXPECT_FALSE(metric["chance"].is_null()) << metric.dump();
    }
  }
  EXPECT_EQ(directions, slice.directions);
}

// The demo's set in English alone, and a run whose pictures and texts the voice is trained for.
constexpr const char* kSpokenEmoji =
    R"(set -e; "$BRAID" data emoji -q --speech --languages en -o "$OUT/emoji"
"$BRAID" train -q ")" BRAID_SOURCE_DIR R"(/recipes/emoji.yaml" -o "$OUT/emoji_run" train.steps=2 \
  train.batch=16 data.manifest="$OUT/emoji/all.jsonl" 'fields.text.from={en: texts_en}' \
  'eval.protocols=[{name: V, split: val, from: {en: name_en}}]')";

// The line of docs/series.md.
constexpr const char* kMinute =
    R"(D=$BRAID_DATA/driving/comma_minute; set -e
"$BRAID" data windows gnss=$D/gnss.csv accelerometer=$D/accelerometer.csv gyro=$D/gyro.csv \
  speed=$D/speed.csv steering=$D/steering.csv wheel_speed=$D/wheel_speed.csv --time t \
  --seconds 2 --every 0.25 --splits train=0.6,val=0.15,test=0.25 -o "$OUT/windows.jsonl")";

INSTANTIATE_TEST_SUITE_P(
    Recipes, RecipeOnASlice,
    testing::Values(
        RecipeSlice{"sim_drive",
                    "driving",
                    "",
                    {"center->left", "left->center", "center->right", "right->center",
                     "center->motion", "motion->center", "left->right", "right->left",
                     "left->motion", "motion->left", "right->motion", "motion->right"}},
        RecipeSlice{"comma_minute",
                    "driving",
                    "data.manifest=\"$OUT/windows.jsonl\"",
                    {"position->shaking", "shaking->position", "position->car", "car->position",
                     "shaking->car", "car->shaking"},
                    kMinute},
        RecipeSlice{"esc10", "esc10", "", {"audio->label"}},
        RecipeSlice{"av_digits",
                    "av_digits",
                    "",
                    {"speech->digit", "speech->picture", "picture->speech", "picture->digit"}},
        RecipeSlice{"flickr8k_spoken",
                    "flickr8k_spoken",
                    "data.files.train=\"[$BRAID_DATA/flickr8k_spoken/train.jsonl, "
                    "$OUT/read/spoken.jsonl]\"",
                    {"speech->text", "text->speech", "speech->image", "image->speech",
                     "text->image", "image->text"},
                    R"("$BRAID" data speak -q "$BRAID_DATA/flickr8k/val.jsonl" --most 1 \
                       --column captions_en -o "$OUT/read")"},
        RecipeSlice{"emoji_speech",
                    ".",
                    "init_from=\"$OUT/emoji_run\" data.manifest=\"[$OUT/emoji/all.jsonl, "
                    "$OUT/emoji/spoken.jsonl]\" 'eval.protocols=[{name: A, split: test, "
                    "query: text, against: image, from: {en: name_en}}, {name: A_voice, split: "
                    "test, query: speech, against: image, from: {en: speech_name_en}}, {name: V, "
                    "split: val, query: text, against: image, from: {en: name_en}}]'",
                    {"text->image", "image->text", "speech->image", "image->speech"},
                    kSpokenEmoji}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace braid::test
