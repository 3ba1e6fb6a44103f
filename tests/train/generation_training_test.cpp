// Training of tasks that write: texts are learned by heart, and resuming gives equal bytes.
#include <cmath>

#include "braid/task/joint_answers.h"
#include "braid/task/text_metrics.h"
#include "tests/train/trainer_fixture.h"

namespace braid::test {
namespace {

// One field, English; what is written of it is German and French.
std::string told(const std::string& more = "") {
  return "tasks: {say: {kind: generation, target: {de: de, fr: fr}, width: 32, depth: 1, heads: 2, "
         "max_tokens: 16, tokenizer: {vocabulary: 400}" +
         more + "}}\n";
}

class GenerationTraining : public TrainerTest {
 protected:
  void open_one_field(const std::string& train, const std::string& terms) {
    world_ = std::make_unique<TinyWorld>(
        folder_.path(), terms + "train: {batch: 16, lr: 0.01, " + train + "}\n", tiny_manifest(),
        one_field_recipe);
  }
  std::vector<double> logged(const std::string& value) {
    std::vector<double> found;
    for (const auto& entry : read_metrics_log(folder_ / "whole/metrics.jsonl")) {
      for (const auto& [name, number] : entry.values) {
        if (name == value) found.push_back(number);
      }
    }
    return found;
  }
};

TEST_F(GenerationTraining, WritesWhatItHasLearned) {
  for (const std::string reads : {"both", "tokens", "fused"}) {
    // What is said at the first position alone has to be carried further: that takes longer.
    open_one_field(reads == "fused" ? "epochs: 120" : "epochs: 40",
                   told(", dropout: 0, reads: " + reads));
    fs::remove_all(folder_ / "whole");
    sit("whole");
    const auto losses = logged("loss/task:say");
    ASSERT_GT(losses.size(), 1u);
    EXPECT_GT(losses.front(), 4);  // log V is 5.8
    EXPECT_LT(losses.back(), 0.1) << reads;
    EXPECT_GT(logged("accuracy/task:say").back(), 0.98) << reads;
    const auto model = world_->model(9);
    load_state(*model, read_safetensors(folder_ / "whole/model.safetensors"), "model");
    const auto answers = answer_rows(*model, *world_->data, world_->pointers(),
                                     world_->data->rows(""), field_sets(1), {});
    const auto targets = world_->targets();
    const auto metrics = brief_text_metrics(
        {&world_->recipe.tasks[0], &world_->facts[0], &targets[0], &answers, 0}, {});
    int64_t languages = 0;
    for (const auto& metric : metrics) {
      if (metric.name != "exact_match") continue;
      EXPECT_EQ(metric.value, 1) << reads << " " << metric.language;
      EXPECT_EQ(metric.n, 64);
      ++languages;
    }
    EXPECT_EQ(languages, 2);
    EXPECT_EQ(answers.texts[0][0][0][0], "rot haus");
    EXPECT_EQ(answers.texts[0][0][1][63], "marron poisson");
  }
}

TEST_F(GenerationTraining, GoesOnToEqualBytes) {
  open_one_field("epochs: 3, checkpoint_steps: 3",
                 told(", draw: 2, dropout: 0.1, attention_dropout: 0.1, drop_path: 0.1, "
                      "label_smoothing: 0.1"));
  expect_equal_bytes_after_kills({2, 5});
}

TEST_F(GenerationTraining, GoesOnToEqualBytesBesideOtherTasksTermsAndHiddenFields) {
  open("epochs: 3, checkpoint_steps: 3, modality_dropout: 0.3",
       "fusion: mean\ntasks:\n"
       "  say: {kind: generation, target: es, width: 16, depth: 1, heads: 2, draw: 2, "
       "max_tokens: 12, tokenizer: {vocabulary: 300}}\n"
       "  pair: {kind: matching}\n"
       "alignment:\n  - {between: [a, b], weight: 0.5}\n",
       spoken_manifest());
  expect_equal_bytes_after_kills({2, 5});
}

}  // namespace
}  // namespace braid::test
