// Training with tasks: it learns, goes on to equal bytes, keeps what is frozen.
#include <cmath>

#include "braid/task/tensor.h"
#include "tests/train/trainer_fixture.h"

namespace braid::test {
namespace {

constexpr const char* kColour =
    "fusion: mean\ntasks: {colour: {kind: classification, target: colour}}\n";

class TaskTraining : public TrainerTest {
 protected:
  void open(const std::string& train, const std::string& terms) {
    TrainerTest::open(train, terms, labelled_manifest());
  }
  double last(const std::string& value) {
    double found = std::nan("");
    for (const auto& entry : read_metrics_log(folder_ / "whole/metrics.jsonl")) {
      for (const auto& [name, number] : entry.values) found = name == value ? number : found;
    }
    return found;
  }
};

TEST_F(TaskTraining, LearnsTheClasses) {
  open("epochs: 12", kColour);
  sit("whole");
  EXPECT_LT(last("loss/task:colour"), 0.7);
  EXPECT_GT(last("accuracy/task:colour"), 0.8);
}

TEST_F(TaskTraining, GoesOnToEqualBytesWithTasksAndTermsAndHiddenFields) {
  open("epochs: 3, checkpoint_steps: 3, modality_dropout: 0.3",
       "fusion: mean\ntasks:\n  colour: {kind: classification, target: colour, dropout: 0.1}\n"
       "  half: {kind: regression, target: [half, letters], loss: huber}\n"
       "alignment:\n  - {between: [a, b], weight: 0.5}\n");
  expect_equal_bytes_after_kills({2, 5});
  EXPECT_TRUE(std::isnan(last("accuracy/task:half")));  // nothing is right or wrong
  EXPECT_LT(last("loss/task:half"), 1.5);
}

TEST_F(TaskTraining, WhatIsFrozenStaysAndWhatHasNoRateStaysToo) {
  open("epochs: 1, parts: [{match: \"a.*\", freeze: true}, {match: b.encoder.*, lr: 0}]", kColour);
  std::vector<std::pair<std::string, at::Tensor>> before;
  for (const auto& [name, tensor] : world_->model()->named_parameters())
    before.emplace_back(name, tensor.detach().clone());
  sit("whole");
  const auto after = read_safetensors(folder_ / "whole/model.safetensors");
  for (const auto& [name, tensor] : before) {
    const bool same = to_tensor(*after.find(name)).equal(tensor);
    EXPECT_EQ(same, name.starts_with("a.") || name.starts_with("b.encoder.")) << name;
  }
}

TEST_F(TaskTraining, GoesOnToEqualBytesWithParts) {
  open(
      "epochs: 2, checkpoint_steps: 3, parts: [{match: a.encoder.*, freeze: true}, "
      "{match: [b.*, joint.*], lr: 0.5}]",
      kColour);
  expect_equal_bytes_after_kills({4});
}

TEST_F(TaskTraining, APatternThatMatchesNothingIsAnError) {
  open("epochs: 1, parts: [{match: a.encodr.*, freeze: true}]", kColour);
  const auto message = error_of([&] { sit("whole"); });
  EXPECT_EQ(message.find("config: train.parts: no parameter is called 'a.encodr.*'; there are: "
                         "a.encoder.*, a.projection.*"),
            0u)
      << message;
}

TEST_F(TaskTraining, TheLastPartThatMatchesCounts) {
  const std::vector<PartConfig> parts = {{{"a.*"}, 0.1, false}, {{"*.bias"}, 2, false}};
  EXPECT_EQ(part_of(parts, "model.a.weight").lr, 0.1);
  EXPECT_EQ(part_of(parts, "model.a.bias").lr, 2);
  EXPECT_EQ(part_of(parts, "b.weight").lr, 1);
}

}  // namespace
}  // namespace braid::test
