#include "braid/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "braid/core/file.h"
#include "braid/report/metrics_log.h"
#include "braid/task/tensor.h"
#include "braid/tensor_file/safetensors.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using test::TinyWorld;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPair = "alignment:\n  - {between: [a, b]}\n";

// Calls `hook` with the number of each batch, from 1, before it is handed out.
class WatchedLoader final : public Loader {
 public:
  WatchedLoader(std::unique_ptr<Loader> loader, std::function<void(int64_t)> hook)
      : loader_(std::move(loader)), hook_(std::move(hook)) {}
  std::unique_ptr<Batch> next() override {
    auto batch = loader_->next();
    if (batch && hook_) hook_(++count_);
    return batch;
  }
  void start(int64_t epoch, int64_t step) override { loader_->start(epoch, step); }
  int64_t steps_per_epoch() const override { return loader_->steps_per_epoch(); }
  std::vector<BadSample> bad() const override { return loader_->bad(); }

 private:
  std::unique_ptr<Loader> loader_;
  std::function<void(int64_t)> hook_;
  int64_t count_ = 0;
};

struct Sitting {
  std::function<void(int64_t, Model&)> hook;  // before each batch
  std::function<double(int64_t)> score;  // of the n-th evaluation of this sitting; empty = none
  const StopFlag* stop = nullptr;
};

class TrainerTest : public testing::Test {
 protected:
  // Four batches an epoch.
  void open(const std::string& train, const std::string& alignment = kPair) {
    world_ = std::make_unique<TinyWorld>(
        folder_.path(), alignment + "train: {batch: 16, lr: 0.02, " + train + "}\n");
  }

  // Trains in `name`, from its newest checkpoint where there is one.
  TrainResult sit(const std::string& name, const Sitting& sitting = {}) {
    const auto path = folder_ / name;
    auto run = fs::exists(path) ? RunDirectory::open(path) : RunDirectory::create(path);
    if (!fs::exists(path / "run.json")) run.write_stamp({});
    const auto model = world_->model();
    JointLoss loss(world_->recipe, world_->pointers());
    LoaderConfig config;
    config.batch = world_->recipe.train.batch;
    config.workers = workers_;
    config.seed = 5;
    config.two_views = loss.two_views();
    const auto& data = *world_->data;
    std::unique_ptr<HardNegatives> negatives;
    if (world_->recipe.train.hard_negatives.every > 0) {
      negatives =
          std::make_unique<HardNegatives>(world_->recipe, data, data.rows(""), world_->pointers());
      config.arrange = [&](std::vector<int64_t>& order) { negatives->arrange(order); };
    }
    WatchedLoader loader(make_loader(data, data.rows(""), world_->pointers(), config),
                         [&](int64_t n) {
                           if (sitting.hook) sitting.hook(n, *model);
                         });
    TrainParts parts{&world_->recipe, &data, model.get(), &loss,
                     &loader,         &run,  {},          negatives.get()};
    evaluations_ = 0;
    if (sitting.score)
      parts.validate = [&] {
        return Validation{sitting.score(++evaluations_), {{"validation/score", 1}}};
      };
    return train(parts, {{}, sitting.stop, false});
  }

  std::string bytes(const std::string& name) const {
    return read_text(folder_ / name / "model.safetensors");
  }

  // A kill between two steps: the process knows nothing of it.
  static Sitting killed_at(int64_t batch) {
    return {[batch](int64_t n, Model&) {
              if (n == batch) throw std::runtime_error("killed");
            },
            [](int64_t) { return 0.0; }};
  }
  static Sitting plain() {
    return {{}, [](int64_t) { return 0.0; }};
  }

  // Killed at each of `batches` in turn, then finished: the bytes of the run that nobody killed.
  void expect_equal_bytes_after_kills(const std::vector<int64_t>& batches) {
    sit("whole", plain());
    for (size_t i = 0; i < batches.size(); ++i) {
      EXPECT_THROW(sit("parts", killed_at(batches[i])), std::runtime_error) << i;
    }
    const auto result = sit("parts", plain());
    EXPECT_TRUE(result.position.done);
    EXPECT_TRUE(bytes("whole") == bytes("parts"));
    expect_equal_last_checkpoints();
    const auto log = read_metrics_log(folder_ / "parts/metrics.jsonl");
    int64_t steps = 0;
    for (const auto& entry : log) steps += entry.values[0].first == "loss";
    EXPECT_EQ(steps, result.position.step);  // each step once, whatever was done twice
  }

  // The best weights may be early ones: what training ended with says more.
  void expect_equal_last_checkpoints() const {
    const auto last = [&](const char* name) {
      fs::path newest;
      for (const auto& entry : fs::directory_iterator(folder_ / name / "state")) {
        const auto file = entry.path().filename().string();
        if (file.starts_with("step-") && entry.path() > newest) newest = entry.path();
      }
      return newest;
    };
    int64_t compared = 0;
    for (const auto& entry : fs::directory_iterator(last("whole"))) {
      if (entry.path().extension() != ".safetensors") continue;
      EXPECT_TRUE(read_text(entry.path()) == read_text(last("parts") / entry.path().filename()))
          << entry.path();
      ++compared;
    }
    EXPECT_GE(compared, 2);
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  int64_t evaluations_ = 0;
  int64_t workers_ = 0;
};

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

// train.ema is what is evaluated and what is kept, whatever is chosen.
TEST_F(TrainerTest, AveragedWeightsAreEvaluatedAndDeployed) {
  open("epochs: 3, ema: 0.9, choose: last");
  sit("run", {{}, [](int64_t) { return 0.0; }});
  const auto deployed = read_safetensors(folder_ / "run/model.safetensors");
  const auto averages =
      read_safetensors(folder_ / "run/state/step-000000000012/average.safetensors");
  const auto trained = read_safetensors(folder_ / "run/state/step-000000000012/model.safetensors");
  ASSERT_FALSE(deployed.tensors.empty());
  for (const auto& [name, array] : deployed.tensors) {
    const auto* average = averages.find(name);
    ASSERT_TRUE(average) << name;
    EXPECT_TRUE(at::equal(to_tensor(array), to_tensor(*average))) << name;
  }
  const auto& first = deployed.tensors[0].first;
  EXPECT_FALSE(
      at::equal(to_tensor(*deployed.find(first)), to_tensor(*trained.find("model." + first))));
}

TEST_F(TrainerTest, TheAverageIsWhatAnEvaluationSees) {
  open("epochs: 1, ema: 0.9");
  at::Tensor weight, seen, after;
  Sitting sitting;
  sitting.hook = [&](int64_t, Model& model) { weight = model.parameters()[0]; };
  sitting.score = [&](int64_t) {
    seen = weight.detach().clone();
    return 0.0;
  };
  sit("run", sitting);
  const auto name = "model." + world_->model()->named_parameters()[0].first;
  const auto trained = read_safetensors(folder_ / "run/state/step-000000000004/model.safetensors");
  const auto best = read_safetensors(folder_ / "run/state/best-000000000004.safetensors");
  EXPECT_FALSE(at::equal(seen, to_tensor(*trained.find(name))));  // training goes on without it
  EXPECT_TRUE(at::equal(seen, to_tensor(*best.find(name.substr(6)))));
}

TEST_F(TrainerTest, MinedNegativesChangeTheBatchesAndResumeToTheSameBytes) {
  open("epochs: 9, choose: last, hard_negatives: {every: 0}");
  sit("plain", plain());
  open("epochs: 9, choose: last, checkpoint_steps: 3, hard_negatives: {every: 2, count: 3}");
  expect_equal_bytes_after_kills({2, 13, 7, 6});
  EXPECT_FALSE(bytes("whole") == bytes("plain"));
  const auto mined =
      log_line(read_metrics_log(folder_ / "parts/metrics.jsonl"), "hard_negatives/cosine");
  EXPECT_EQ(mined.x, (std::vector<double>{9, 17, 25, 33}));  // first steps of epochs 2, 4, 6, 8
  EXPECT_GT(mined.y.back(), -1);
}

TEST_F(TrainerTest, MinedNegativesDoNotDependOnTheWorkers) {
  open("epochs: 5, choose: last, hard_negatives: {every: 2, count: 3}");
  sit("none");
  workers_ = 3;
  sit("three");
  EXPECT_TRUE(bytes("none") == bytes("three"));
}

TEST_F(TrainerTest, ALostTableOfNegativesIsAnError) {
  open("epochs: 4, hard_negatives: {every: 1}");
  EXPECT_THROW(sit("run", killed_at(11)), std::runtime_error);
  fs::remove(folder_ / "run/state/step-000000000008/negatives.safetensors");
  // At the end of epoch 1, which was arranged by what was mined before it.
  EXPECT_THAT(error_of([&] { sit("run", plain()); }),
              AllOf(StartsWith("state: "), HasSubstr("mined neighbours are missing")));
}

// Every loss, and what can be put around one.
class EachAlignment : public TrainerTest, public testing::WithParamInterface<std::string> {};

TEST_P(EachAlignment, TrainsFarAboveChance) {
  open("epochs: 25", "alignment:\n  - {between: [a, b], " + GetParam() + "}\n");
  sit("run");
  const auto log = read_metrics_log(folder_ / "run/metrics.jsonl");
  const auto accuracy = log_line(log, "accuracy/a~b");
  ASSERT_EQ(accuracy.y.size(), 100u);
  double late = 0;
  for (size_t i = 90; i < 100; ++i) late += accuracy.y[i] / 10;
  EXPECT_GT(late, 0.6);  // chance is 1/16
}

TEST_P(EachAlignment, KilledAndResumedEndsInTheSameBytes) {
  open("epochs: 4, checkpoint_steps: 3, ema: 0.9, choose: last",
       "alignment:\n  - {between: [a, b], " + GetParam() + "}\n");
  expect_equal_bytes_after_kills({2, 6, 5});
}

std::vector<std::string> each_alignment() {
  std::vector<std::string> all = {
      "widths: [16, 8, 4], width_weights: [1, 1, 2]",
      "loss: {kind: momentum_queue, length: 64, momentum: 0.9}, widths: [16, 4]",
      "loss: {kind: triplet, mining: hardest}",
      "loss: {kind: info_nce, false_negatives: {above: 0.9}}"};
#define BRAID_ALIGNMENT(name, config, help) all.push_back("loss: {kind: " #name "}");
#include "braid/alignment/all.def"
#undef BRAID_ALIGNMENT
  return all;
}

INSTANTIATE_TEST_SUITE_P(Kinds, EachAlignment, testing::ValuesIn(each_alignment()),
                         [](const auto& test) {
                           std::string name;
                           for (const char c : test.param) name += std::isalnum(c) ? c : '_';
                           return name;
                         });

TEST_F(TrainerTest, MomentumEncodersFollowTheModelByTheirFormula) {
  open("epochs: 1, checkpoint_steps: 1, keep: 9",
       "alignment:\n  - {between: [a, b], loss: {kind: momentum_queue, momentum: 0.75}}\n");
  sit("run");
  const auto at_step = [&](int step, const std::string& name) {
    const auto file = read_safetensors(
        folder_ / ("run/state/step-00000000000" + std::to_string(step) + "/model.safetensors"));
    return to_tensor(*file.find(name)).clone();
  };
  const auto name = world_->model()->named_parameters()[0].first;
  const auto want = 0.75 * at_step(2, "loss.momentum." + name) + 0.25 * at_step(3, "model." + name);
  EXPECT_TRUE(at::allclose(at_step(3, "loss.momentum." + name), want, 1e-6, 1e-7));
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
}  // namespace braid
