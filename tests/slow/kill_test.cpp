// Training that is killed, or interrupted, and goes on to the bytes of the run that nobody
// disturbed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "braid/core/rng.h"
#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

int64_t logged_steps(const fs::path& run) {
  std::error_code ignored;
  if (!fs::exists(run / "metrics.jsonl", ignored)) return 0;
  const auto text = read_text(run / "metrics.jsonl");
  return std::count(text.begin(), text.end(), '\n');
}

// Polls until `done` holds or the child ends; false after five minutes: machines can be busy.
template <class Done>
bool wait_until(Child& child, Done done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  while (child.running() && !done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

class KillTest : public SlowTest {
 protected:
  // Starts the run, or goes on with it, in the background.
  std::string command() const {
    const auto run = folder_ / "run";
    const bool begun = fs::exists(run / "run.json");
    return "env BRAID_THREADS=2 " + quoted(BRAID_PROGRAM) + " train -q " +
           (begun ? "--resume " + quoted(run)
                  : quoted(emoji_ / "recipe.yaml") + " -o " + quoted(run)) +
           " > " + quoted(folder_ / "log") + " 2>&1";
  }
  void expect_bytes_of_the_undisturbed_run() {
    EXPECT_EQ(file_hash(folder_ / "run/model.safetensors"),
              file_hash(emoji_ / "run/model.safetensors"));
  }
};

TEST_F(KillTest, ThreeKillsAtRandomMomentsChangeNoByte) {
  Rng rng(20240517);
  int64_t from = 0;
  for (int kill = 0; kill < 3; ++kill) {
    // After 1 .. 8 more lines in the log, and up to 50 ms inside whatever comes then.
    const int64_t lines = from + 1 + rng.below(8);
    Child child(command());
    ASSERT_TRUE(wait_until(child, [&] { return logged_steps(folder_ / "run") >= lines; }));
    ASSERT_TRUE(child.running()) << read_text(folder_ / "log");
    std::this_thread::sleep_for(std::chrono::milliseconds(rng.below(50)));
    child.signal(SIGKILL);
    EXPECT_EQ(child.wait(), 128 + SIGKILL);
    from = logged_steps(folder_ / "run");
  }
  Child child(command());
  ASSERT_EQ(child.wait(), 0) << read_text(folder_ / "log");
  expect_bytes_of_the_undisturbed_run();
}

TEST_F(KillTest, AKillBeforeTheRunIsOneLetsItStartAgain) {
  {
    Child child(command());
    ASSERT_TRUE(wait_until(child, [&] { return fs::exists(folder_ / "run/state"); }));
    child.signal(SIGKILL);
    child.wait();
  }
  Child child(command());
  ASSERT_EQ(child.wait(), 0) << read_text(folder_ / "log");
  expect_bytes_of_the_undisturbed_run();
}

TEST_F(KillTest, InterruptSavesExitsWith130AndGoesOn) {
  {
    Child child(command());
    ASSERT_TRUE(wait_until(child, [&] { return logged_steps(folder_ / "run") >= 5; }));
    child.signal(SIGINT);
    EXPECT_EQ(child.wait(), 130);
  }
  const auto log = read_text(folder_ / "log");
  EXPECT_THAT(log, HasSubstr("everything is saved, continue with: braid train --resume "));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
  EXPECT_FALSE(fs::exists(folder_ / "run/model.safetensors"));
  Child child(command());
  ASSERT_EQ(child.wait(), 0) << read_text(folder_ / "log");
  expect_bytes_of_the_undisturbed_run();
}

TEST_F(KillTest, ASecondTrainerOfTheSameRunIsRefused) {
  Child child(command());
  ASSERT_TRUE(wait_until(child, [&] { return logged_steps(folder_ / "run") >= 2; }));
  const auto second = braid("train -q --resume " + quoted(folder_ / "run"));
  EXPECT_EQ(second.status, 5);
  EXPECT_THAT(second.output, HasSubstr("another process is training this run"));
}

}  // namespace
}  // namespace braid::test
