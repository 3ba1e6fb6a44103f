// A user's five layouts: the recipes are those of docs/data.md, the data is the same in each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "braid/core/text.h"
#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

// The ```yaml blocks of the manual that begin with a file name: "# csv.yaml".
std::map<std::string, std::string> documented_recipes() {
  std::map<std::string, std::string> recipes;
  const std::string text = read_text(BRAID_SOURCE_DIR "/docs/data.md");
  const std::string open = "```yaml\n";
  for (size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    const auto block = text.substr(at, text.find("```", at) - at);
    const auto first = block.substr(0, block.find('\n'));
    if (first.starts_with("# ") && first.ends_with(".yaml")) recipes[first.substr(2)] = block;
  }
  return recipes;
}

// What makes the recipes small enough for a test.
const std::string kSmall =
    " train.batch=8 train.steps=6 fields.image.modality.size=16 "
    "fields.text.modality='{kind: text, tokenizer: {vocabulary: 400}}' "
    "fields.image.encoder='{kind: cnn, stages: [8, 16]}' ";

// Sixty pictures with their names, written as a user would have them.
class Layouts : public SlowTest {
 protected:
  void SetUp() override {
    SlowTest::SetUp();
    if (HasFatalFailure()) return;
    std::string csv = "image,caption\n";
    Json coco = {{"images", Json::array()}, {"annotations", Json::array()}};
    const auto rows = split(read_text(emoji_ / "all.jsonl"), '\n');
    for (int64_t i = 0; i < 60; ++i) {
      const auto row = Json::parse(rows[static_cast<size_t>(i * 5)]);
      const auto number = std::to_string(i);
      const auto name = std::string(6 - number.size(), '0') + number;
      const std::string caption = row["name_en"], group = row["group"];
      const auto picture = read_file(emoji_ / row["image"].get<std::string>());
      const auto label = "group_" + std::to_string(group.size() % 4);
      const std::vector<std::string> places = {"photos/", "pairs/", "images/",
                                               "animals/" + label + "/"};
      for (const auto& place : places) put(place + name + ".png", as_text(picture));
      put("pairs/" + name + ".txt", caption + "\n");
      csv += name + ".png,\"" + caption + "\"\n";
      coco["images"].push_back({{"id", i}, {"file_name", name + ".png"}});
      coco["annotations"].push_back({{"image_id", i}, {"caption", caption}, {"id", 100 + i}});
    }
    put("photos.csv", csv);
    put("annotations/captions.json", coco.dump());
    for (const auto& [name, recipe] : documented_recipes()) put(name, recipe);
    for (const char* out :
         {"shards/train-%03d.tar", "shards/val-%03d.tar", "packed/%03d.tar.zst"}) {
      const auto ran = braid("data pack -q " + quoted(folder_ / "pairs") + " --count 20 -o " +
                             quoted(folder_ / out));
      ASSERT_EQ(ran.status, 0) << ran.output;
    }
  }

  void put(const std::string& name, std::string_view text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  // Trains a few steps; the summary. Small batches and pictures: the rest is the recipe's.
  Json train(const std::string& recipe, const std::string& run,
             const std::string& overrides = "") const {
    const auto ran = braid_output("train -q --json " + quoted(folder_ / recipe) + " -o " +
                                  quoted(folder_ / run) + kSmall + overrides);
    EXPECT_EQ(ran.status, 0) << recipe << ran.output;
    return ran.status == 0 ? Json::parse(ran.output) : Json();
  }

  std::vector<double> losses(const std::string& run) const {
    std::vector<double> all;
    for (const auto& line : split(read_text(folder_ / run / "metrics.jsonl"), '\n')) {
      const auto row = line.empty() ? Json() : Json::parse(line);
      if (row.contains("loss")) all.push_back(row["loss"]);
    }
    return all;
  }
};

TEST_F(Layouts, TheManualHasFiveRecipesOfAtMostTwelveLines) {
  const auto recipes = documented_recipes();
  for (const char* name : {"csv.yaml", "classes.yaml", "pairs.yaml", "coco.yaml", "shards.yaml"}) {
    ASSERT_TRUE(recipes.contains(name)) << name;
    const auto& text = recipes.at(name);
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 12) << name;
  }
}

TEST_F(Layouts, EachTrainsAndEvaluates) {
  for (const auto& [recipe, text] : documented_recipes()) {
    const auto run = "run_" + recipe;
    const auto summary = train(recipe, run);
    ASSERT_TRUE(summary.is_object()) << recipe;
    EXPECT_EQ(summary["steps"], 6) << recipe;
    EXPECT_EQ(summary["bad"], 0) << recipe;
    ASSERT_FALSE(summary["metrics"].empty()) << recipe;  // it found a validation split
    const auto evaluated = braid_output("eval --json --split val " + quoted(folder_ / run));
    ASSERT_EQ(evaluated.status, 0) << recipe << evaluated.output;
    EXPECT_EQ(Json::parse(evaluated.output)["metrics"], summary["metrics"]) << recipe;
    EXPECT_EQ(losses(run).size(), 6u) << recipe;
  }
}

// The same rows, whatever holds them: not one bit of the weights differs.
TEST_F(Layouts, OfTheSameRowsTrainTheSameModel) {
  const std::string same = "name=same data.key=image data.hash='{train: 0.8, val: 0.2}' ";
  put("tars.yaml", documented_recipes().at("pairs.yaml"));
  train("csv.yaml", "run", same);
  const auto weights = read_file(folder_ / "run/model.safetensors");
  const auto expected = losses("run");
  ASSERT_EQ(expected.size(), 6u);
  const std::vector<std::pair<std::string, std::string>> others = {
      {"pairs.yaml", ""},
      {"coco.yaml", ""},
      {"tars.yaml", "data.manifest='shards/train-{000..002}.tar'"},
      {"tars.yaml", "data.manifest='shards/train-00?.tar' train.workers=2"}};
  int number = 0;
  for (const auto& [recipe, override] : others) {
    const auto run = "other" + std::to_string(number++);
    train(recipe, run, same + override);
    EXPECT_EQ(losses(run), expected) << recipe << " " << override;
    EXPECT_TRUE(read_file(folder_ / run / "model.safetensors") == weights) << recipe << override;
  }
}

TEST_F(Layouts, AStreamThatIsKilledGoesOnToTheSameBytes) {
  const std::string streamed =
      "data.files='{train: packed/000.tar.zst, val: packed/001.tar.zst}' "
      "data.shuffle_buffer=5 train.checkpoint_steps=1 train.batch=4 ";
  train("shards.yaml", "whole", streamed);
  train("shards.yaml", "part", streamed + "train.workers=2 train.steps=6");
  EXPECT_TRUE(read_file(folder_ / "whole/model.safetensors") ==
              read_file(folder_ / "part/model.safetensors"));
  Child child("env BRAID_THREADS=2 " + quoted(BRAID_PROGRAM) + " train -q " +
              quoted(folder_ / "shards.yaml") + " -o " + quoted(folder_ / "killed") + kSmall +
              streamed + " >/dev/null 2>&1");
  const auto checkpoints = folder_ / "killed/checkpoints";
  while (child.running() && (!fs::exists(checkpoints) || fs::is_empty(checkpoints)))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  child.signal(SIGKILL);
  child.wait();
  const auto resumed = braid("train -q --resume " + quoted(folder_ / "killed"));
  ASSERT_EQ(resumed.status, 0) << resumed.output;
  EXPECT_TRUE(read_file(folder_ / "killed/model.safetensors") ==
              read_file(folder_ / "whole/model.safetensors"));
}

TEST_F(Layouts, InspectSaysWhichLayoutItSaw) {
  const std::map<std::string, std::string> places = {
      {"photos.csv --root photos", "manifest"},
      {"animals", "classes"},
      {"pairs", "pairs"},
      {"annotations/captions.json --root images", "coco"},
      {"'shards/train-*.tar'", "shards"}};
  for (const auto& [place, layout] : places) {
    const auto ran = run("cd " + quoted(folder_) + " && " + quoted(BRAID_PROGRAM) +
                         " inspect -q --json " + place + " 2>/dev/null");
    ASSERT_EQ(ran.status, 0) << place << ran.output;
    const auto audit = Json::parse(ran.output);
    EXPECT_EQ(audit["layouts"][0]["layout"], layout) << place;
    EXPECT_EQ(audit["rows"], 60) << place;
    EXPECT_EQ(audit["files"]["unreadable"], 0) << place;
    EXPECT_GE(audit["files"]["read"], 60) << place;
  }
}

}  // namespace
}  // namespace braid::test
