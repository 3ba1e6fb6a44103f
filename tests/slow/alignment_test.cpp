// Every alignment loss, several widths and mined negatives through the whole program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "braid/tensor_file/npy.h"
#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

class AlignmentRun : public SlowTest {
 protected:
  std::string train(const std::string& name, const std::string& more) const {
    return "train -q " + quoted(emoji_ / "recipe.yaml") + " -o " + quoted(folder_ / name) + " " +
           more;
  }
  // Mean recall@10 over languages and directions, and what chance would give.
  static std::pair<double, double> recall(const Json& metrics) {
    double sum = 0, chance = 0;
    int64_t count = 0;
    for (const auto& metric : metrics) {
      if (metric.at("name") != "recall@10") continue;
      sum += metric.at("value").get<double>();
      chance += 10 / metric.at("gallery").get<double>();
      ++count;
    }
    return {sum / static_cast<double>(count), chance / static_cast<double>(count)};
  }
  Json eval(const std::string& name, const std::string& more = "") const {
    const auto ran = braid_output("eval " + quoted(folder_ / name) + " --json -q " + more);
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.status == 0 ? Json::parse(ran.output) : Json();
  }
};

class EachLoss : public AlignmentRun, public testing::WithParamInterface<std::string> {};

TEST_P(EachLoss, BeatsChanceAndIsEvaluatedLikeEveryOther) {
  const auto ran =
      braid(train("run", "train.steps=240 train.checkpoint_steps=100 alignment.0.loss=" +
                             quoted("{kind: " + GetParam() + "}")));
  ASSERT_EQ(ran.status, 0) << ran.output;
  // Among all rows, most of them trained on: so short a training says little about new pictures.
  const auto all = eval("run", "--data " + quoted(emoji_ / "all.jsonl"));
  const auto [value, chance] = recall(all.at("metrics"));
  EXPECT_GT(value, 2 * chance);
}

std::vector<std::string> each_loss() {
  std::vector<std::string> all = {"info_nce, false_negatives: {above: 0.9}"};
#define BRAID_ALIGNMENT(name, config, help) all.push_back(#name);
#include "braid/alignment/all.def"
#undef BRAID_ALIGNMENT
  return all;
}

INSTANTIATE_TEST_SUITE_P(AllDef, EachLoss, testing::ValuesIn(each_loss()), [](const auto& test) {
  const auto& name = test.param;
  return name.find(',') == name.npos ? name : "filtered_" + name.substr(0, name.find(','));
});

// Queue, momentum encoders, averages, neighbours: all that a checkpoint can hold.
TEST_F(AlignmentRun, KilledWithEverythingOnItEndsInTheSameBytes) {
  const std::string more =
      "train.choose=last train.steps=90 'train.hard_negatives={every: 2, count: 3}' "
      "'alignment.0={between: [image, text], widths: [32, 8], loss: {kind: momentum_queue, length: "
      "256, momentum: 0.9, false_negatives: {above: 0.8}}}'";
  const auto whole = braid(train("whole", more));
  ASSERT_EQ(whole.status, 0) << whole.output;
  for (const int64_t step : {20, 45}) {
    const bool begun = fs::exists(folder_ / "parts/run.json");
    Child child("env BRAID_THREADS=2 " + quoted(BRAID_PROGRAM) + " " +
                (begun ? "train -q --resume " + quoted(folder_ / "parts") : train("parts", more)) +
                " > /dev/null 2>&1");
    const auto reached = folder_ / "parts/state" /
                         ("step-0000000000" + std::to_string(step / 7 * 7));  // checkpoint_steps: 7
    while (child.running() && !fs::exists(reached))
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ASSERT_TRUE(child.running());
    child.signal(SIGKILL);
    EXPECT_EQ(child.wait(), 128 + SIGKILL);
  }
  const auto resumed = braid("train -q --resume " + quoted(folder_ / "parts"));
  ASSERT_EQ(resumed.status, 0) << resumed.output;
  EXPECT_EQ(file_hash(folder_ / "parts/model.safetensors"),
            file_hash(folder_ / "whole/model.safetensors"));
}

TEST_F(AlignmentRun, OneModelGivesVectorsOfSeveralWidths) {
  const auto ran = braid(train("run",
                               "train.steps=150 train.checkpoint_steps=100 "
                               "'alignment.0={between: [image, text], widths: [32, 8]}'"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto run = quoted(folder_ / "run");

  const auto before = fs::last_write_time(folder_ / "run/report.html");
  const auto narrow = eval("run", "--width 8 --split val");
  EXPECT_EQ(narrow.at("width"), 8);
  const auto [value, chance] = recall(narrow.at("metrics"));
  EXPECT_GT(value, 1.5 * chance);
  EXPECT_EQ(fs::last_write_time(folder_ / "run/report.html"), before);

  ASSERT_EQ(braid("embed " + run + " --field text --width 8 apple -o " + quoted(folder_ / "v.npy"))
                .status,
            0);
  const auto vectors = read_npy(folder_ / "v.npy");
  EXPECT_EQ(vectors.shape(), (std::vector<int64_t>{1, 8}));
  double norm = 0;
  for (const float x : vectors.values<float>()) norm += x * x;
  EXPECT_NEAR(norm, 1, 1e-5);

  const auto index = quoted(folder_ / "x.index"), manifest = quoted(emoji_ / "all.jsonl");
  ASSERT_EQ(braid("index " + run + " " + manifest + " --width 8 -q -o " + index).status, 0);
  EXPECT_THAT(braid("index " + index + " --info").output, HasSubstr("width 8"));
  EXPECT_EQ(braid("search " + index + " --text apple -k 3").status, 0);
  EXPECT_EQ(braid("index " + run + " " + manifest + " --add -q -o " + index).status, 0);
  const auto other = braid("index " + run + " " + manifest + " --add -q --width 32 -o " + index);
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.output, HasSubstr("holds vectors of width 8, not 32"));
  const auto unknown = braid("eval " + run + " --width 16");
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.output,
              HasSubstr("width 16: not one that this run trained; there are: 32, 8"));
}

}  // namespace
}  // namespace braid::test
