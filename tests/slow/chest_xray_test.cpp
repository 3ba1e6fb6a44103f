// recipes/chest_xray.yaml on a slice: pictures, a table of vitals and notes; skipped where
// $BRAID_DATA is absent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "small_emoji.h"

namespace braid::test {
namespace {

fs::path chest_xray() {
  const char* set = std::getenv("BRAID_DATA");
  const fs::path folder = fs::path(set ? set : BRAID_SOURCE_DIR "/../shared/data") / "chest_xray";
  return fs::exists(folder) ? fs::canonical(folder) : fs::path();
}

std::string files_of(const fs::path& data) {
  std::string overrides;
  for (const char* split : {"train", "val", "test"}) {
    overrides += std::string(" data.files.") + split + "=" +
                 quoted((data / (std::string(split) + ".jsonl")).string());
  }
  return overrides;
}

class ChestXray : public SlowTest {};

TEST_F(ChestXray, TheRecipeTrainsTellsItsColumnsAndAnswersATable) {
  const auto data = chest_xray();
  if (data.empty()) GTEST_SKIP() << "no chest_xray";
  const auto at = quoted(folder_ / "run"), index = quoted(folder_ / "index");
  const auto trained = braid("train " + quoted(BRAID_SOURCE_DIR "/recipes/chest_xray.yaml") +
                             " -o " + at + files_of(data) +
                             " train.steps=12 train.batch=16 fields.image.modality.size=32 "
                             "fields.image.encoder='{kind: cnn, stages: [8, 16]}'");
  ASSERT_EQ(trained.status, 0) << trained.output;
  EXPECT_THAT(trained.output, testing::HasSubstr("vitals: tabular.age: numeric, median "));
  EXPECT_THAT(trained.output, testing::HasSubstr("vitals: tabular.sex: categorical"));
  EXPECT_THAT(trained.output, testing::HasSubstr("vitals: tabular.survival: boolean"));
  const auto columns = read_text(folder_ / "run/columns.vitals.json");
  for (const char* never : {"finding", "other_notes", "source_url", "patient", "group", "label"}) {
    EXPECT_EQ(columns.find(never), std::string::npos) << never;
  }
  EXPECT_THAT(read_text(folder_ / "run/report.html"), testing::HasSubstr("vitals: tabular.age"));

  const auto evaluated = braid_output("eval -q --json --split test " + at);
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  std::set<std::string> directions;
  const auto object = Json::parse(evaluated.output);
  for (const auto& metric : object["metrics"]) directions.insert(metric["direction"]);
  EXPECT_EQ(directions, (std::set<std::string>{"image->vitals", "vitals->image", "image->notes",
                                               "notes->image", "vitals->notes", "notes->vitals"}));

  const auto made =
      braid_output("index -q " + at + " " + quoted(data / "test.jsonl") + " -o " + index);
  ASSERT_EQ(made.status, 0) << made.output;
  const auto found =
      braid_output("search --json -k 3 " + index + " --table '{\"age\": 71, \"sex\": \"F\"}'");
  ASSERT_EQ(found.status, 0) << found.output;
  EXPECT_EQ(Json::parse(found.output)["hits"].size(), 3u);
  const auto wrong = braid("search " + index + " --table '{\"agee\": 71}'");
  EXPECT_EQ(wrong.status, 3) << wrong.output;
  EXPECT_THAT(wrong.output, testing::HasSubstr("did you mean 'age'"));
}

}  // namespace
}  // namespace braid::test
