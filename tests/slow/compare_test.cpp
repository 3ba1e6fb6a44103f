// Strategies compared from the command line: killed and gone on with, interrupted, with a cell that
// fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class CompareTest : public SlowTest {
 protected:
  void SetUp() override {
    SlowTest::SetUp();
    const char* animals[] = {"cat", "dog", "owl", "bee"};
    std::string rows;
    for (int i = 0; i < 120; ++i) {
      const std::string animal = animals[i % 4], split = i < 80 ? "train" : i < 100 ? "val" : "test";
      rows += "{\"split\": \"" + split + "\", \"id\": \"r" + std::to_string(i) + "\", \"said\": \"a " +
              (i % 5 ? animal : "thing") + "\", \"drawn\": \"" + (i % 3 ? animal : "blot") +
              "\", \"animal\": \"" + animal + "\"}\n";
    }
    write_atomic(folder_ / "rows.jsonl", std::string_view(rows));
    const std::string tower =
        "modality: {kind: text, tokenizer: {vocabulary: 300}}, encoder: {kind: bag_of_tokens, "
        "width: 16, hidden: 0}}\n";
    const auto yaml =
        "data: {manifest: rows.jsonl, split_column: split, key: id}\nspace: {width: 16}\n"
        "fields:\n  said: {from: said, " +
        tower + "  drawn: {from: drawn, " + tower +
        "tasks: {animal: {kind: classification, target: animal}}\n"
        "train: {batch: 16, epochs: 2, lr: 0.01}\n";
    write_atomic(folder_ / "r.yaml", std::string_view(yaml));
  }
  // Of two variants, two fields and two seeds: eight cells.
  std::string command(const std::string& study) const {
    return "env BRAID_THREADS=2 " + quoted(BRAID_PROGRAM) + " compare -q " +
           quoted(folder_ / "r.yaml") + " --vary fusion.kind=mean,gated --seeds 2 --jobs 2 -o " +
           quoted(folder_ / study) + " > " + quoted(folder_ / "log") + " 2>&1";
  }
  size_t finished(const std::string& study) const {
    size_t count = 0;
    std::error_code ignored;
    for (const auto& run : fs::directory_iterator(folder_ / study / "runs", ignored))
      count += fs::exists(run.path() / "evaluations/test.json", ignored);
    return count;
  }
  // Until `done` cells are finished; false where the command ends first, or after five minutes.
  bool wait_for(Child& child, const std::string& study, size_t done) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    while (child.running() && finished(study) < done) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return child.running();
  }
  // The table without what depends on the moment.
  static Json lasting(Json table) {
    for (auto& row : table["rows"]) {
      for (const char* key : {"seconds", "peak_memory_mb"}) {
        row.erase(key);
        for (auto& cell : row["cells"]) cell.erase(key);
      }
    }
    return table;
  }
  Json table(const std::string& study) const {
    return lasting(Json::parse(read_text(folder_ / study / "compare.json")));
  }
  void finish(const std::string& study) const {
    Child child(command(study));
    ASSERT_EQ(child.wait(), 0) << read_text(folder_ / "log");
  }
};

TEST_F(CompareTest, KilledAndInterruptedItGivesTheTableOfAnUndisturbedOne) {
  finish("whole");
  const auto whole = table("whole");
  EXPECT_EQ(whole["rows"].size(), 5u);
  EXPECT_TRUE(whole["missing"].empty());
  {
    Child child(command("cut"));
    ASSERT_TRUE(wait_for(child, "cut", 1));
    child.signal(SIGKILL);
    EXPECT_EQ(child.wait(), 128 + SIGKILL);
  }
  {
    Child child(command("cut"));  // waits for what the killed one left
    ASSERT_TRUE(wait_for(child, "cut", 4));
    child.signal(SIGINT);
    EXPECT_EQ(child.wait(), 130);
    EXPECT_THAT(read_text(folder_ / "log"), HasSubstr("continue with the same command"));
  }
  EXPECT_FALSE(fs::exists(folder_ / "cut/compare.json"));
  finish("cut");
  EXPECT_EQ(table("cut"), whole);
  for (const auto& run : fs::directory_iterator(folder_ / "whole/runs")) {
    EXPECT_EQ(file_hash(run.path() / "model.safetensors"),
              file_hash(folder_ / "cut/runs" / run.path().filename() / "model.safetensors"));
  }
  EXPECT_EQ(read_text(folder_ / "cut/best.yaml"), read_text(folder_ / "whole/best.yaml"));
  const auto trained = braid("train -q " + quoted(folder_ / "cut/best.yaml") + " -o " +
                             quoted(folder_ / "best") + " train.epochs=1");
  EXPECT_EQ(trained.status, 0) << trained.output;
}

TEST_F(CompareTest, ACellThatFailsIsNamedAndTheOthersStand) {
  const auto ran = braid("compare -q --json " + quoted(folder_ / "r.yaml") +
                         " --vary train.lr=0.01,1e30 --seeds 1 -o " + quoted(folder_ / "study") +
                         " 2>/dev/null");
  EXPECT_EQ(ran.status, 3) << ran.output;
  const auto object = Json::parse(ran.output);
  ASSERT_EQ(object["failed"].size(), 1u);
  EXPECT_THAT(object["failed"][0].get<std::string>(), HasSubstr("lr_1e30 seed 0: "));
  EXPECT_EQ(object["best"], "lr_0.01");
  EXPECT_THAT(object["notes"].dump(), HasSubstr("one seed"));
  EXPECT_THAT(read_text(folder_ / "study/compare.html"), Not(HasSubstr("<script")));
}

TEST_F(CompareTest, AnotherRecipeInTheSameFolderIsRefused) {
  finish("study");
  const auto other = braid("compare -q " + quoted(folder_ / "r.yaml") +
                           " --vary fusion.kind=mean,gated --seeds 2 train.epochs=9 -o " +
                           quoted(folder_ / "study"));
  EXPECT_EQ(other.status, 5);
  EXPECT_THAT(other.output, HasSubstr("train.epochs: 2 there, 9 now"));
}

}  // namespace
}  // namespace braid::test
