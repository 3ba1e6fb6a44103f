// Encoders taken from another run, frozen or not, through the whole program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "braid/tensor_file/safetensors.h"
#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

class FrozenRun : public SlowTest {
 protected:
  void SetUp() override {
    SlowTest::SetUp();
    fs::copy(emoji_ / "run", folder_ / "origin", fs::copy_options::recursive);
    ::setenv("BRAID_CACHE", (folder_ / "cache").c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("BRAID_CACHE");
    SlowTest::TearDown();
  }

  std::string train(const std::string& name, const std::string& more) const {
    return "train -q " + quoted(emoji_ / "recipe.yaml") + " -o " + quoted(folder_ / name) +
           " 'alignment=[{between: [image, text]}]' " + more;
  }
  std::string from_origin(const std::string& field) const {
    return quoted("fields." + field + ".init_from=" + (folder_ / "origin").string());
  }
  std::string frozen(const std::string& field) const {
    return from_origin(field) + " fields." + field + ".frozen=true ";
  }
  std::string weights(const std::string& name) const {
    return file_hash(folder_ / name / "model.safetensors");
  }
  // The largest change of any weight below `prefix` since the origin.
  double change(const std::string& name, const std::string& prefix) const {
    const auto before = read_safetensors(folder_ / "origin/model.safetensors");
    const auto after = read_safetensors(folder_ / name / "model.safetensors");
    double largest = -1;  // no such weight
    for (const auto& [tensor, array] : before.tensors) {
      if (!tensor.starts_with(prefix) || array.dtype() != DType::kF32) continue;
      const auto x = array.values<float>(), y = after.find(tensor)->values<float>();
      for (size_t i = 0; i < x.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(x[i]) - y[i]));
    }
    return largest;
  }
};

TEST_F(FrozenRun, NeedsNeitherItsOriginNorItsCacheToGoOnToTheSameBytes) {
  const auto more = frozen("image") + "train.steps=120 train.checkpoint_steps=10";
  const auto whole = braid(train("whole", more));
  ASSERT_EQ(whole.status, 0) << whole.output;
  EXPECT_THAT(whole.output, HasSubstr("of them frozen)"));
  EXPECT_EQ(change("whole", "image.encoder."), 0);
  {
    Child child("env BRAID_THREADS=2 " + quoted(BRAID_PROGRAM) + " " + train("parts", more) +
                " > /dev/null 2>&1");
    while (child.running() && !fs::exists(folder_ / "parts/state/step-000000000030"))
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    child.signal(SIGKILL);
    EXPECT_EQ(child.wait(), 128 + SIGKILL);
  }
  fs::remove_all(folder_ / "origin");
  fs::remove_all(folder_ / "cache");
  const auto resumed = braid("train -q --resume " + quoted(folder_ / "parts"));
  ASSERT_EQ(resumed.status, 0) << resumed.output;
  EXPECT_EQ(weights("parts"), weights("whole"));
}

TEST_F(FrozenRun, KilledBeforeItsFirstCheckpointItBeginsAgainAlone) {
  const auto more = frozen("image") + "train.steps=20 train.checkpoint_steps=1000";
  const auto whole = braid(train("whole", more));
  ASSERT_EQ(whole.status, 0) << whole.output;
  fs::copy(folder_ / "whole", folder_ / "parts", fs::copy_options::recursive);
  for (const auto& entry : fs::directory_iterator(folder_ / "whole/state")) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("step-") || name.starts_with("best-"))
      fs::remove_all(folder_ / "parts/state" / name);
  }
  fs::remove(folder_ / "parts/model.safetensors");
  fs::remove_all(folder_ / "origin");
  const auto resumed = braid("train -q --resume " + quoted(folder_ / "parts"));
  ASSERT_EQ(resumed.status, 0) << resumed.output;
  EXPECT_EQ(weights("parts"), weights("whole"));
}

TEST_F(FrozenRun, LearnsFarAboveChanceAndIsUsedLikeEveryOther) {
  const auto ran = braid(train("run", frozen("image") + "train.steps=240"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  fs::remove_all(folder_ / "origin");
  const auto asked = braid_output("eval " + quoted(folder_ / "run") + " --json -q --data " +
                                  quoted(emoji_ / "all.jsonl"));
  ASSERT_EQ(asked.status, 0) << asked.output;
  double value = 0, chance = 0;
  const auto answer = Json::parse(asked.output);
  for (const auto& metric : answer.at("metrics")) {
    if (metric.at("name") != "recall@10") continue;
    value += metric.at("value").get<double>();
    chance += 10 / metric.at("gallery").get<double>();
  }
  EXPECT_GT(value, 2 * chance);
}

TEST_F(FrozenRun, TwoAtOnceShareTheCache) {
  const auto command = [&](const char* name) {
    return "env BRAID_THREADS=1 " + quoted(BRAID_PROGRAM) + " " +
           train(name, frozen("image") + "train.steps=10") + " > " + quoted(folder_ / "log") +
           " 2>&1";
  };
  Child one(command("one")), other(command("other"));
  EXPECT_EQ(one.wait(), 0) << read_text(folder_ / "log");
  EXPECT_EQ(other.wait(), 0) << read_text(folder_ / "log");
  EXPECT_EQ(weights("one"), weights("other"));
  for (const auto& entry : fs::directory_iterator(folder_ / "cache/encoded"))
    EXPECT_EQ(entry.path().extension(), ".safetensors");
}

TEST_F(FrozenRun, ATextEncoderBringsItsTokenizer) {
  const auto ran = braid(train("run", frozen("text") + "train.steps=20 seed=7"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_EQ(file_hash(folder_ / "run/tokenizer.json"),
            file_hash(folder_ / "origin/tokenizer.json"));
  EXPECT_EQ(change("run", "text.encoder."), 0);
}

// lr 1e-9 moves no weight by more than 1e-9 a step; drawn ones would differ by their size.
TEST_F(FrozenRun, AnEncoderThatIsNotFrozenStartsFromThereAndTrains) {
  const auto ran =
      braid(train("run", from_origin("image") + " train.steps=3 train.lr=1e-9 train.ema=0 "
                                                "fields.image.encoder.dropout=0.3"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_GE(change("run", "image.encoder.stage0.entry."), 0);
  EXPECT_LT(change("run", "image.encoder.stage0.entry."), 1e-6);
  EXPECT_GT(change("run", "image.projection."), 1e-3);
}

TEST_F(FrozenRun, AMistakeLeavesNoRunBehind) {
  const auto refused =
      braid(train("run", frozen("image") + "'fields.image.encoder.stages=[8, 17]'"));
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.output, HasSubstr("fields.image.encoder.stages: expected [8, 16], as in "));
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  const auto small = braid(train("run", frozen("image") + "train.disk_cache_mb=1"));
  EXPECT_EQ(small.status, 0) << small.output;
}

}  // namespace
}  // namespace braid::test
