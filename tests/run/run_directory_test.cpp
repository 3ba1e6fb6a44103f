#include "braid/run/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "braid/core/file.h"
#include "tests/scratch.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TensorFile weights(float value) {
  TensorFile file;
  file.tensors.emplace_back("w", Array::of<float>({1}, std::span<const float>(&value, 1)));
  return file;
}

Checkpoint checkpoint(int64_t step, int64_t best_step = -1) {
  Checkpoint c;
  c.position.step = step;
  c.position.best_step = best_step;
  c.position.capability = "avx2";
  c.model = weights(static_cast<float>(step));
  c.optimizer = weights(0);
  return c;
}

class RunDirectoryTest : public testing::Test {
 protected:
  RunDirectory start() const {
    auto run = RunDirectory::create(folder_ / "run");
    run.write_stamp({"id", "name", "0.1", "data", "licence", "", 3, false});
    return run;
  }
  std::set<std::string> state() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_ / "run/state"))
      names.insert(entry.path().filename());
    return names;
  }
  const Scratch folder_;
};

TEST_F(RunDirectoryTest, StampComesBack) {
  const auto run = start();
  run.write_stamp({"id", "na\"me\xff", "0.1", "data", "licence", "hash", 3, true});
  const auto stamp = run.stamp();
  EXPECT_EQ(stamp.id, "id");
  EXPECT_EQ(stamp.name, "na\"me\xef\xbf\xbd");  // broken UTF-8 becomes U+FFFD, never a broken file
  EXPECT_EQ(stamp.weights_hash, "hash");
  EXPECT_EQ(stamp.seed, 3);
  EXPECT_TRUE(stamp.finished);
}

TEST_F(RunDirectoryTest, TakesNoFolderThatHoldsSomething) {
  const auto create = [&](const fs::path& path) {
    return error_of([&] { RunDirectory::create(path); });
  };
  start();
  EXPECT_THAT(create(folder_ / "run"),
              HasSubstr("holds a run already; continue it with `braid train --resume "));
  make_folder(folder_ / "photos");
  write_atomic(folder_ / "photos/a.txt", std::string_view("x"));
  EXPECT_THAT(create(folder_ / "photos"), StartsWith("state: "));
  make_folder(folder_ / "empty");
  EXPECT_EQ(create(folder_ / "empty"), "no error");
}

TEST_F(RunDirectoryTest, AStartThatWasCutShortBeginsAnew) {
  RunDirectory::create(folder_ / "run");
  write_atomic(folder_ / "run/tokenizer.json", std::string_view("{"));
  EXPECT_EQ(error_of([&] { RunDirectory::create(folder_ / "run"); }), "no error");
  EXPECT_THAT(error_of([&] { RunDirectory::open(folder_ / "run"); }), StartsWith("not_found: "));
}

TEST_F(RunDirectoryTest, NewestCheckpointComesBackWhole) {
  const auto run = start();
  EXPECT_FALSE(run.newest_checkpoint());
  auto c = checkpoint(1200000, 900);
  c.position.epoch = 4;
  c.position.batch = 5;
  c.position.elapsed_s = 6.5;
  c.position.best = 0.25;
  c.position.worse = 2;
  c.position.threads = 3;
  c.average = weights(8);
  run.write_checkpoint(checkpoint(999999), 5);
  run.write_checkpoint(c, 5);
  const auto back = run.newest_checkpoint();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->position.step, 1200000);
  EXPECT_EQ(back->position.epoch, 4);
  EXPECT_EQ(back->position.batch, 5);
  EXPECT_EQ(back->position.elapsed_s, 6.5);
  EXPECT_EQ(back->position.best, 0.25);
  EXPECT_EQ(back->position.best_step, 900);
  EXPECT_EQ(back->position.worse, 2);
  EXPECT_EQ(back->position.threads, 3);
  EXPECT_EQ(back->position.capability, "avx2");
  EXPECT_FALSE(back->position.done);
  EXPECT_EQ(back->average.tensors[0].second.values<float>()[0], 8);
  EXPECT_EQ(back->model.tensors[0].second.values<float>()[0], 1200000);
}

TEST_F(RunDirectoryTest, WhatAKillLeftHalfWrittenDoesNotCount) {
  const auto run = start();
  run.write_checkpoint(checkpoint(3), 2);
  make_folder(folder_ / "run/state/step-000000000009.tmp");
  write_atomic(folder_ / "run/state/step-000000000009.tmp/model.safetensors",
               std::string_view("half"));
  EXPECT_EQ(run.newest_checkpoint()->position.step, 3);
  run.write_checkpoint(checkpoint(9), 2);  // its own leftover does not stop it
  EXPECT_EQ(run.newest_checkpoint()->position.step, 9);
  EXPECT_THAT(state(), ElementsAre("step-000000000003", "step-000000000009"));
}

TEST_F(RunDirectoryTest, TheSameStepAgainTakesTheLaterPosition) {
  const auto run = start();
  run.write_checkpoint(checkpoint(3), 2);
  auto again = checkpoint(3);
  again.position.done = true;
  again.position.elapsed_s = 9;
  run.write_checkpoint(again, 2);
  EXPECT_TRUE(run.newest_checkpoint()->position.done);
  EXPECT_EQ(run.newest_checkpoint()->position.elapsed_s, 9);
  EXPECT_THAT(state(), ElementsAre("step-000000000003"));
}

TEST_F(RunDirectoryTest, KeepsTheNewestAndTheBestTheyName) {
  const auto run = start();
  for (int64_t step : {1, 2, 3, 4}) {
    write_safetensors(run.best(step), weights(static_cast<float>(step)));
    run.write_checkpoint(checkpoint(step, step < 3 ? 1 : 3), 2);
  }
  EXPECT_THAT(state(), ElementsAre("best-000000000003.safetensors", "step-000000000003",
                                   "step-000000000004"));
  run.write_checkpoint(checkpoint(5, 3), 1);
  EXPECT_THAT(state(), ElementsAre("best-000000000003.safetensors", "step-000000000005"));
}

TEST_F(RunDirectoryTest, TheBestOfAnOlderKeptCheckpointStays) {
  const auto run = start();
  for (int64_t step : {1, 2}) {
    write_safetensors(run.best(step), weights(static_cast<float>(step)));
    run.write_checkpoint(checkpoint(step, step), 2);
  }
  // Should the newest be lost, the older one can still go on.
  EXPECT_THAT(state(), testing::IsSupersetOf(
                           {"best-000000000001.safetensors", "best-000000000002.safetensors"}));
}

TEST_F(RunDirectoryTest, ASecondTrainerIsRefusedUntilTheFirstIsGone) {
  const auto run = start();
  {
    const RunLock lock(run);
    EXPECT_THAT(error_of([&] { RunLock second(run); }),
                HasSubstr("another process is training this run"));
  }
  EXPECT_EQ(error_of([&] { RunLock third(run); }), "no error");
}

TEST_F(RunDirectoryTest, DamageIsNamedByFile) {
  const auto run = start();
  const auto file = folder_ / "run/run.json";
  const auto stamp = [&](std::string_view text) {
    write_atomic(file, text);
    return error_of([&] { run.stamp(); });
  };
  EXPECT_THAT(stamp("{\"format\": 1,"),
              StartsWith("input: " + file.string() + ": not what a run writes: "));
  EXPECT_THAT(stamp("[]"), StartsWith("input: " + file.string() + ": "));
  EXPECT_THAT(stamp("{\"format\": 1}"), HasSubstr("'id' not found"));
  EXPECT_THAT(stamp("{\"format\": 2}"),
              StartsWith("state: " + file.string() + ": format 2, this braid reads format 1"));
  EXPECT_THAT(stamp(""), StartsWith("input: "));
  run.write_checkpoint(checkpoint(3), 2);
  const auto position = folder_ / "run/state/step-000000000003/trainer.json";
  for (const char* text :
       {"{}", "null", "{\"step\": \"three\"}", "{\"step\": 1e999}", "\x00\x01"}) {
    write_atomic(position, std::string_view(text));
    EXPECT_THAT(error_of([&] { run.newest_checkpoint(); }),
                StartsWith("input: " + position.string() + ": "))
        << text;
  }
}

TEST_F(RunDirectoryTest, ADamagedCheckpointIsNamedByFile) {
  const auto run = start();
  run.write_checkpoint(checkpoint(3), 2);
  const auto file = folder_ / "run/state/step-000000000003/model.safetensors";
  fs::resize_file(file, fs::file_size(file) - 1);
  EXPECT_THAT(error_of([&] { run.newest_checkpoint(); }), StartsWith("input: " + file.string()));
}

}  // namespace
}  // namespace braid
