// Averages, mined negatives and every alignment loss in training: they reach what they should, and
// a killed run ends in the bytes of one that nobody killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/task/tensor.h"
#include "braid/tensor_file/safetensors.h"
#include "tests/train/trainer_fixture.h"

namespace braid::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

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

// Chunks with dropout, across accumulated batches: each chunk's random numbers are found again.
TEST_F(TrainerTest, ChunkedAndKilledEndsInTheSameBytes) {
  const auto train = [&](const std::string& chunk) {
    open("epochs: 4, accumulate: 2, checkpoint_steps: 3, choose: last" + chunk,
         std::string(kPair) + "  - {views: a, weight: 0.5}\n");
    for (auto& [name, field] : world_->recipe.fields)
      field.encoder = ConfigNode::parse("{kind: bag_of_tokens, width: 16, dropout: 0.2}", "t.yaml");
  };
  train("");
  sit("not chunked");
  train(", chunk: 5");
  expect_equal_bytes_after_kills({2, 9, 5});
  EXPECT_FALSE(bytes("whole") == bytes("not chunked"));  // dropout draws chunk by chunk
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
#define BRAID_ALIGNMENT(name, config, help)                                       \
  if (std::string(#name) != "cosine_distance") /* alone all vectors become one */ \
    all.push_back("loss: {kind: " #name "}");
#include "braid/alignment/all.def"
#undef BRAID_ALIGNMENT
  all.push_back("loss: info_nce}\n  - {between: [a, b], weight: 5, loss: cosine_distance");
  return all;
}

INSTANTIATE_TEST_SUITE_P(Kinds, EachAlignment, testing::ValuesIn(each_alignment()),
                         [](const auto& test) {
                           std::string name;
                           for (const char c : test.param) name += std::isalnum(c) ? c : '_';
                           return name;
                         });

TEST_F(TrainerTest, TwoLossesOfTheSameFieldsAreLoggedApart) {
  open("epochs: 1",
       "alignment:\n  - {between: [a, b]}\n  - {between: [a, b], loss: cosine_distance}\n");
  sit("run");
  const auto log = read_metrics_log(folder_ / "run/metrics.jsonl");
  const auto contrast = log_line(log, "loss/a~b");
  const auto distance = log_line(log, "loss/a~b:cosine_distance");
  ASSERT_FALSE(distance.y.empty());
  EXPECT_GT(contrast.y.front(), 2);  // about log 16
  EXPECT_LT(distance.y.front(), 2);
}

// Everything that could touch it is on: averages, momentum encoders, weight decay, dropout.
TEST_F(TrainerTest, AFrozenEncoderStaysAsItIsAndResumesToTheSameBytes) {
  open("epochs: 4, ema: 0.9, weight_decay: 0.5, choose: last",
       "alignment:\n  - {between: [a, b], loss: {kind: momentum_queue, length: 32}}\n");
  auto& field = world_->recipe.fields[0].second;
  field.frozen = true;
  field.encoder = ConfigNode::parse("{kind: bag_of_tokens, width: 16, dropout: 0.5}", "e.yaml");
  const auto before = state_of(world_->model()->encoder(0));
  expect_equal_bytes_after_kills({3, 9});
  const auto after = read_safetensors(folder_ / "whole/model.safetensors");
  for (const auto& [name, array] : before.tensors) {
    EXPECT_TRUE(at::equal(to_tensor(array), to_tensor(*after.find("a.encoder." + name)))) << name;
  }
  const auto kept = RunDirectory::open(folder_ / "whole").newest_checkpoint();
  for (const auto* file : {&kept->optimizer, &kept->average}) {
    for (const auto& [name, array] : file->tensors)
      EXPECT_EQ(name.find("a.encoder."), std::string::npos) << name;
  }
  EXPECT_NE(kept->optimizer.find("model.a.projection.linear.weight.first"), nullptr);
}

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

}  // namespace
}  // namespace braid::test
