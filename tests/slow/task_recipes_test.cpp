// Recipes with tasks on a slice of their training: each is evaluated on its test split from every set
// of fields; skipped where $BRAID_DATA is absent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "small_emoji.h"

namespace braid::test {
namespace {

// In commands and overrides the shell knows $BRAID, $BRAID_DATA and $OUT, a folder of the test.
struct TaskSlice {
  const char* name;
  const char* data;  // folder of the shared data that it reads
  const char* overrides;
  std::set<std::string> directions;  // of accuracies
  const char* prepare = "true";      // makes what the recipe reads beside the shared data
};

void PrintTo(const TaskSlice& slice, std::ostream* out) { *out << slice.name; }

class TaskRecipeOnASlice : public SlowTest, public testing::WithParamInterface<TaskSlice> {};

TEST_P(TaskRecipeOnASlice, TrainsAndAnswersFromEverySetOfFields) {
  const auto& slice = GetParam();
  const char* set = std::getenv("BRAID_DATA");
  const fs::path data = set ? set : BRAID_SOURCE_DIR "/../shared/data";
  if (!fs::exists(data / slice.data)) GTEST_SKIP() << "no " << slice.data;
  const auto known = "export BRAID_DATA=" + quoted(fs::canonical(data)) + " OUT=" +
                     quoted(folder_) + " BRAID=" + quoted(BRAID_PROGRAM) + "; ";
  const auto prepared = run(known + slice.prepare);
  ASSERT_EQ(prepared.status, 0) << prepared.output;
  const auto trained =
      run(known + "\"$BRAID\" train -q " +
          quoted(BRAID_SOURCE_DIR "/recipes/" + std::string(slice.name)) +
          ".yaml -o \"$OUT/run\" train.steps=6 train.batch=16 " + slice.overrides);
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto evaluated =
      run(known + "\"$BRAID\" eval -q --json --split test \"$OUT/run\" 2>/dev/null");
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  const auto record = Json::parse(evaluated.output);
  std::set<std::string> directions;
  for (const auto& metric : record["metrics"]) {
    if (metric["name"] != "accuracy" || metric["label"] != "") continue;
    directions.insert(metric["direction"]);
    EXPECT_FALSE(metric["chance"].is_null()) << metric.dump();
  }
  EXPECT_EQ(directions, slice.directions);
}

// The line of docs/av_digits.md.
constexpr const char* kHardDigits =
    R"(set -e; for split in train val test; do
"$BRAID" data degrade -q "$BRAID_DATA/av_digits/$split-pairs.jsonl" --key image_index --rate 8000 \
  --seed 7 --erase image_file=0.3,audio_key=0.25 --noise image_file=3,audio_key=0 \
  -o "$OUT/$split.jsonl"; done)";

// The line of docs/hci.md.
constexpr const char* kCommands =
    R"(set -e; for split in train val test; do
"$BRAID" data pair -q gesture="$BRAID_DATA/sign_digits/$split.jsonl" \
  speech="$BRAID_DATA/av_digits/$split-audio.jsonl" \
  face="$BRAID_DATA/face_expressions/$split.jsonl" --same speech=digit --seed 7 \
  -o "$OUT/$split.jsonl"; done)";

constexpr const char* kOwnFiles =
    "data.files.train=\"$OUT/train.jsonl\" data.files.val=\"$OUT/val.jsonl\" "
    "data.files.test=\"$OUT/test.jsonl\"";

// Of a task of the three fields of a command.
std::set<std::string> from_every_set(const std::string& task) {
  std::set<std::string> directions;
  for (const char* fields : {"gesture+speech+face", "gesture+speech", "gesture+face", "speech+face",
                             "gesture", "speech", "face", "prior"})
    directions.insert(fields + ("->" + task));
  return directions;
}

std::set<std::string> both(std::set<std::string> some, const std::set<std::string>& more) {
  some.insert(more.begin(), more.end());
  return some;
}

INSTANTIATE_TEST_SUITE_P(
    Recipes, TaskRecipeOnASlice,
    testing::Values(
        TaskSlice{"easy_vqa",
                  "easy_vqa",
                  "",
                  {"picture+question->answer", "picture->answer", "question->answer",
                   "prior->answer"}},
        TaskSlice{"av_digits_hard",
                  "av_digits",
                  kOwnFiles,
                  {"picture+speech->digit", "picture->digit", "speech->digit", "prior->digit"},
                  kHardDigits},
        TaskSlice{"sign_digits_task",
                  "sign_digits",
                  "",
                  {"gesture->digit", "prior->digit"}},
        TaskSlice{"hci",
                  "face_expressions",
                  kOwnFiles,
                  both(from_every_set("digit"), from_every_set("expression")),
                  kCommands}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace braid::test
