#include "braid/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "tests/train/trainer_fixture.h"

namespace braid::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(TrainerTest, LossFallsFarBelowChance) {
  open("epochs: 20");
  const auto result = sit("run");
  EXPECT_EQ(result.position.step, 80);
  EXPECT_EQ(result.samples, 80 * 16);
  const auto loss = log_line(read_metrics_log(folder_ / "run/metrics.jsonl"), "loss");
  ASSERT_EQ(loss.y.size(), 80u);
  EXPECT_GT(loss.y.front(), 2);  // chance is log 16 = 2.77
  EXPECT_LT(loss.y.back(), 1);
}

TEST_F(TrainerTest, TheSameSeedGivesTheSameBytes) {
  open("epochs: 3");
  sit("one");
  sit("two");
  EXPECT_EQ(bytes("one"), bytes("two"));
}

TEST_F(TrainerTest, KilledAndResumedEndsInTheSameBytes) {
  open("epochs: 5");
  expect_equal_bytes_after_kills({2, 7, 5});  // before any checkpoint, later, right after one
}

TEST_F(TrainerTest, AlsoWithAveragesAccumulationAndCheckpointsInsideAnEpoch) {
  open("epochs: 8, ema: 0.9, accumulate: 2, checkpoint_steps: 3, choose: last");
  expect_equal_bytes_after_kills({9, 4, 13});
}

TEST_F(TrainerTest, AlsoWhereTheBestWeightsAreOlderThanTheKill) {
  open("epochs: 6, ema: 0.8");
  const auto falling = [](int64_t n) {
    return -static_cast<double>(n);
  };  // the first stays the best
  sit("whole", {{}, falling});
  auto killed = killed_at(14);
  killed.score = falling;
  EXPECT_THROW(sit("parts", killed), std::runtime_error);
  const auto result = sit("parts", {{}, [](int64_t) { return -9.0; }});
  EXPECT_EQ(result.position.best_step, 4);
  EXPECT_EQ(bytes("whole"), bytes("parts"));
}

TEST_F(TrainerTest, StopSavesAndGoesOnToTheSameBytes) {
  open("epochs: 4");
  sit("whole", plain());
  StopFlag stop;
  Sitting stopped = plain();
  stopped.stop = &stop;
  stopped.hook = [&](int64_t n, Model&) {
    if (n == 6) stop.request();
  };
  const auto said = error_of([&] { sit("parts", stopped); });
  EXPECT_THAT(said, StartsWith("interrupted: stopped at step 6 of 16; everything is saved, "
                               "continue with: braid train --resume "));
  EXPECT_TRUE(fs::exists(folder_ / "parts/state/step-000000000006"));
  EXPECT_FALSE(fs::exists(folder_ / "parts/model.safetensors"));
  sit("parts", plain());
  EXPECT_EQ(bytes("whole"), bytes("parts"));
}

TEST_F(TrainerTest, AStopBeforeTheFirstStepLosesNothing) {
  open("epochs: 2");
  sit("whole", plain());
  StopFlag stop;
  stop.request();
  Sitting stopped = plain();
  stopped.stop = &stop;
  EXPECT_THAT(error_of([&] { sit("parts", stopped); }), HasSubstr("stopped at step 0 of 8"));
  sit("parts", plain());
  EXPECT_EQ(bytes("whole"), bytes("parts"));
}

TEST_F(TrainerTest, AFinishedRunIsFinishedAgainToTheSameBytes) {
  open("epochs: 2");
  sit("run", plain());
  const auto before = bytes("run");
  const auto result = sit("run", plain());
  EXPECT_EQ(result.samples, 0);
  EXPECT_EQ(bytes("run"), before);
}

TEST_F(TrainerTest, ABrokenLossNamesStepTermAndSamples) {
  open("epochs: 4, checkpoint_steps: 2");
  Sitting broken;
  broken.hook = [](int64_t n, Model& model) {
    const at::NoGradGuard no_grad;
    if (n == 4) model.parameters()[0].fill_(std::numeric_limits<double>::infinity());
  };
  const auto said = error_of([&] { sit("run", broken); });
  EXPECT_THAT(said, StartsWith("input: step 4: loss is not finite, term a~b, samples all.jsonl:"));
  EXPECT_THAT(said, HasSubstr(" and 11 more; a lower train.lr"));
  EXPECT_TRUE(fs::exists(folder_ / "run/state/step-000000000002"));
  EXPECT_FALSE(fs::exists(folder_ / "run/model.safetensors"));
}

TEST_F(TrainerTest, ABrokenGradientNamesStepAndSamples) {
  world_ = std::make_unique<TinyWorld>(
      folder_.path(),
      "alignment:\n  - {between: [a, b], weight: 1e36}\ntrain: {batch: 16, epochs: 1}\n");
  EXPECT_THAT(error_of([&] { sit("run"); }),
              testing::AllOf(StartsWith("input: step 1: gradient of "),
                             HasSubstr(" is not finite, samples all.jsonl:")));
}

TEST_F(TrainerTest, ARateFarTooHighIsStoppedByTheGuard) {
  open("epochs: 50");
  world_->recipe.train.lr = 1e30;
  EXPECT_THAT(error_of([&] { sit("run"); }), HasSubstr("is not finite"));
}

TEST_F(TrainerTest, PatienceStopsAndKeepsTheBest) {
  open("epochs: 50, patience: 2");
  const auto result = sit("run", {{}, [](int64_t n) { return n == 2 ? 1.0 : 0.5; }});
  EXPECT_EQ(result.position.step, 16);  // epochs 1, 2 (best), 3, 4
  EXPECT_EQ(result.position.best_step, 8);
  EXPECT_EQ(evaluations_, 4);
  EXPECT_EQ(bytes("run"), read_text(folder_ / "run/state/best-000000000008.safetensors"));
}

TEST_F(TrainerTest, LastMeansLastWhateverWasBest) {
  open("epochs: 3, choose: last");
  sit("run", {{}, [](int64_t n) { return -static_cast<double>(n); }});
  EXPECT_NE(bytes("run"), read_text(folder_ / "run/state/best-000000000004.safetensors"));
}

TEST_F(TrainerTest, MinutesEndTheRunWithAnEvaluation) {
  open("epochs: 1000000, minutes: 0.005");  // 0.3 s
  const auto result = sit("run", plain());
  EXPECT_TRUE(result.position.done);
  EXPECT_GT(result.position.step, 0);
  EXPECT_LT(result.seconds, 20);
  EXPECT_GE(evaluations_, 1);
  EXPECT_TRUE(fs::exists(folder_ / "run/model.safetensors"));
}

TEST_F(TrainerTest, KeepsSoManyCheckpoints) {
  open("epochs: 6, keep: 3");
  sit("run");
  int64_t kept = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "run/state")) {
    kept += entry.path().filename().string().starts_with("step-");
  }
  EXPECT_EQ(kept, 3);
  EXPECT_TRUE(fs::exists(folder_ / "run/state/step-000000000024"));
}

TEST_F(TrainerTest, AnEpochThatEndsInsideAStepIsEvaluatedAllTheSame) {
  open("epochs: 6, accumulate: 3");  // 24 batches, 8 steps; epochs end in steps 2, 3, 4, 6, 7, 8
  sit("run", plain());
  EXPECT_EQ(evaluations_, 6);
}

TEST_F(TrainerTest, EvaluatesEveryFewEpochsAndAtTheEnd) {
  open("epochs: 5, evaluate_every: 2");
  sit("run", plain());
  EXPECT_EQ(evaluations_, 3);  // after 2, 4 and the last
}

TEST_F(TrainerTest, OtherThreadsAreRefusedUnlessAskedFor) {
  open("epochs: 4");
  EXPECT_THROW(sit("run", killed_at(6)), std::runtime_error);
  const auto file = folder_ / "run/state/step-000000000004/trainer.json";
  std::string text = read_text(file);
  const size_t at = text.find("\"threads\": ") + 11;
  text.replace(at, text.find(',', at) - at, "999");
  write_atomic(file, std::string_view(text));
  EXPECT_THAT(error_of([&] { sit("run", plain()); }),
              testing::AllOf(StartsWith("state: "), HasSubstr("was trained with 999 threads"),
                             HasSubstr("--inexact")));
}

TEST_F(TrainerTest, ATrainingSplitSmallerThanABatchIsRefused) {
  open("epochs: 1");
  world_->recipe.train.batch = 65;
  EXPECT_THAT(error_of([&] { sit("run"); }),
              StartsWith("input: 64 rows do not fill one batch of 65"));
}

}  // namespace
}  // namespace braid::test
