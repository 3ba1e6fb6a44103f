// `tasks`, `fusion`, `interaction`, `train.parts` and what is asked of tasks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/recipe/parse.h"

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kTwo =
    "data: {manifest: a}\n"
    "fields:\n"
    "  image: {from: picture, modality: {kind: image, size: 32}, encoder: cnn}\n"
    "  text: {from: title, modality: text, encoder: bag_of_tokens}\n";
constexpr const char* kOne =
    "data: {manifest: a}\n"
    "fields:\n"
    "  text: {from: title, modality: text, encoder: bag_of_tokens}\n";
constexpr const char* kTask = "tasks:\n  kind: {kind: classification, target: sort}\n";

Recipe two(const std::string& more) { return parse(kTwo + more); }
std::string wrong(const std::string& more) { return complaint(kTwo + more); }

TEST(Tasks, AloneNeedNoAlignmentAndHaveSensibleDefaults) {
  const auto recipe = two(kTask);
  ASSERT_EQ(recipe.tasks.size(), 1u);
  EXPECT_EQ(recipe.tasks[0].name, "kind");
  EXPECT_EQ(recipe.tasks[0].kind, "classification");
  EXPECT_THAT(recipe.tasks[0].target, ElementsAre("sort"));
  EXPECT_EQ(recipe.tasks[0].weight, 1);
  EXPECT_EQ(recipe.fusion.find("kind")->text(), "modality_attention");
  EXPECT_EQ(recipe.eval.metric, "accuracy");
  EXPECT_EQ(recipe.train.modality_dropout, 0.1);
  EXPECT_THAT(recipe.widths(), ElementsAre(256));
  EXPECT_FALSE(recipe.aligns_fields());
}

TEST(Tasks, WrittenOutTheyReadBackTheSame) {
  const auto recipe =
      two("interaction: [{kind: cross_attention}]\nfusion: sum\ntasks:\n"
          "  b: {kind: regression, target: [x, y], loss: huber, weight: 0.5}\n"
          "  a: {kind: classification, target: z, class_weights: {q: 2}}\n"
          "train: {parts: [{match: \"image.*\", lr: 0.1}]}\n"
          "eval: {metric: rmse, protocols: [{kind: task, task: b, split: val}]}\n");
  const auto again = parse(recipe.to_yaml());
  EXPECT_EQ(again.to_yaml(), recipe.to_yaml());
  EXPECT_EQ(again.tasks[0].name, "b");  // in the order of the file
  EXPECT_EQ(again.interaction.size(), 1u);
  EXPECT_EQ(again.train.parts[0].lr, 0.1);
}

TEST(Tasks, WithoutThemNothingOfThemIsWritten) {
  const auto yaml = two("alignment: [{between: [image, text]}]\neval: {protocols: [{split: "
                        "test}]}\n")
                        .to_yaml();
  for (const char* key : {"tasks", "fusion", "interaction", "parts", "task:"})
    EXPECT_EQ(yaml.find(key), std::string::npos) << key;
}

TEST(Tasks, OneFieldNeedsNoFusion) {
  const auto recipe = parse(std::string(kOne) + kTask);
  EXPECT_TRUE(recipe.fusion.is_null());
  EXPECT_EQ(recipe.train.modality_dropout, 0);
}

TEST(Tasks, ChooseTheMetricThatFitsThem) {
  EXPECT_EQ(two("tasks: {n: {kind: regression, target: x}}\n").eval.metric, "rmse");
  EXPECT_EQ(two("tasks: {n: {kind: classification, target: x, labels: multi}}\n").eval.metric,
            "average_precision");
  EXPECT_EQ(two("alignment: [{between: [image, text]}]\n" + std::string(kTask)).eval.metric,
            "accuracy");
  EXPECT_EQ(two("alignment: [{between: [image, text]}]\n" + std::string(kTask) +
                "eval: {protocols: [{split: val}]}\n")
                .eval.metric,
            "recall@10");  // no task chooses
}

TEST(Tasks, AProtocolNeedsNoNameWhereThereIsOneTask) {
  const auto recipe =
      two(kTask + std::string("eval: {protocols: [{kind: task, split: val, queries: {where: {a: "
                              "b}}}]}\n"));
  EXPECT_EQ(recipe.eval.protocols[0].task, "kind");
}

TEST(Tasks, GlobsMatchWholeNames) {
  EXPECT_TRUE(matches_glob("image.encoder.stem.weight", "image.encoder.*"));
  EXPECT_TRUE(matches_glob("image.encoder.stem.weight", "*.weight"));
  EXPECT_TRUE(matches_glob("image.encoder.stem.weight", "*stem*t"));
  EXPECT_TRUE(matches_glob("a", "a") && matches_glob("a", "**") && matches_glob("", "*"));
  EXPECT_FALSE(matches_glob("image.encoder.stem.weight", "image.encoder"));
  EXPECT_FALSE(matches_glob("image.encoder.stem.weight", "encoder.*"));
  EXPECT_FALSE(matches_glob("aab", "a*c"));
}

struct Mistake {
  const char* name;
  std::string more, message;
};
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class TaskMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(TaskMistakes, AreToldAtTheirPlace) {
  EXPECT_THAT(wrong(GetParam().more), StartsWith("config: r.yaml:" + GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, TaskMistakes,
    testing::Values(
        Mistake{"NoMap", "tasks: [digit]\n", "5:8: tasks: expected a map"},
        Mistake{"Name", "tasks: {a-b: {kind: classification, target: x}}\n",
                "5:14: task name 'a-b': letters, digits, _ only"},
        Mistake{"NoKind", "tasks: {a: {target: x}}\n", "5:12: expected task as {kind: NAME"},
        Mistake{"Kind", "tasks: {a: {kind: regresion}}\n",
                "5:19: unknown task 'regresion' (did you mean 'regression'?)"},
        Mistake{"Key", "tasks: {a: {kind: regression, targt: x}}\n",
                "5:38: unknown key 'targt' (did you mean 'target'?)"},
        Mistake{"NoTarget", "tasks: {a: {kind: regression}}\n",
                "5:12: task 'a' needs `target`, the column of its answers"},
        Mistake{"TargetTwice", "tasks: {a: {kind: regression, target: [x, x]}}\n",
                "5:39: target: a column stands twice"},
        Mistake{"TargetIsRead", "tasks: {a: {kind: classification, target: title}}\n",
                "5:43: target: field 'text' reads column 'title', which is what the task must"},
        Mistake{"Weights", "tasks: {a: {kind: classification, target: x, class_weights: heavy}}\n",
                "5:61: class_weights: expected none, balanced, or a map"},
        Mistake{"NoWeight",
                "tasks: {a: {kind: classification, target: x, class_weights: {b: 0}}}\n",
                "5:65: class_weights: expected a weight above 0"},
        Mistake{"Positive",
                "tasks: {a: {kind: classification, target: x, labels: multi, positive: b}}\n",
                "5:71: positive: of two classes only"},
        Mistake{"Loss", "tasks: {a: {kind: regression, target: x, loss: mxe}}\n", "5:48: "},
        Mistake{"Smoothing", "tasks: {a: {kind: classification, target: x, label_smoothing: 1}}\n",
                "5:63: label_smoothing: expected [0, 1), got 1"},
        Mistake{"FusionWithoutTasks", "alignment: [{between: [image, text]}]\nfusion: sum\n",
                "6:9: fusion: nothing reads what it gives; it needs `tasks`"},
        Mistake{"InteractionWithoutTasks",
                "alignment: [{between: [image, text]}]\ninteraction: [{kind: cross_attention}]\n",
                "6:14: interaction: nothing reads"},
        Mistake{"Fusion", "fusion: summ\n" + std::string(kTask),
                "5:9: unknown fusion 'summ' (did you mean 'sum'?)"},
        Mistake{"Part", kTask + std::string("train: {parts: [{lr: 2}]}\n"),
                "7:17: parts: expected `match`"},
        Mistake{"FrozenWithRate",
                kTask + std::string("train: {parts: [{match: x, freeze: true, lr: 2}]}\n"),
                "7:46: parts: what is frozen has no learning rate"},
        Mistake{"ProtocolWithoutTasks",
                "alignment: [{between: [image, text]}]\neval: {protocols: [{kind: task, split: "
                "val}]}\n",
                "6:20: kind: task: the recipe has no `tasks`"},
        Mistake{"ProtocolTask",
                kTask + std::string("eval: {protocols: [{kind: task, task: knd, split: val}]}\n"),
                "7:39: no task 'knd' (did you mean 'kind'?); tasks: kind"},
        Mistake{
            "ProtocolOfOneOfTwo",
            "tasks: {a: {kind: regression, target: x}, b: {kind: regression, target: y}}\neval: "
            "{protocols: [{kind: task, split: val}]}\n",
            "6:20: a protocol of kind task needs `task`; there are: a, b"},
        Mistake{"ProtocolKey",
                kTask + std::string("eval: {protocols: [{kind: task, split: val, query: text}]}\n"),
                "7:52: query: not a key of protocols of kind task"},
        Mistake{
            "ProtocolGallery",
            kTask + std::string(
                        "eval: {protocols: [{kind: task, split: val, gallery: {split: all}}]}\n"),
            "7:20: gallery, from and labels are not of protocols of `kind: task`"},
        Mistake{"TaskOfRetrieval",
                "alignment: [{between: [image, text]}]\n" + std::string(kTask) +
                    "eval: {protocols: [{split: val, task: kind}]}\n",
                "8:39: task: not a key of protocols of kind retrieval and prompts"},
        Mistake{"MetricOfAnotherKind", kTask + std::string("eval: {metric: rmse}\n"),
                "7:16: eval.metric: no protocol of split 'val' measures rmse; its protocols "
                "measure: accuracy"},
        Mistake{"Mining", kTask + std::string("train: {hard_negatives: {every: 1}}\n"),
                "7:25: hard_negatives: there is no alignment term"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Tasks, OfOneFieldHaveNothingToHideOrToLookAt) {
  EXPECT_THAT(complaint(std::string(kOne) + kTask + "interaction: [{kind: cross_attention}]\n"),
              HasSubstr("6:14: interaction: there is no other field to look at"));
  EXPECT_THAT(complaint(std::string(kOne) + kTask + "train: {modality_dropout: 0.1}\n"),
              HasSubstr("modality_dropout: the one field there is cannot be hidden"));
}

TEST(Tasks, SelfCriticalEpochsNeedEpochs) {
  const std::string say =
      "tasks: {say: {kind: generation, target: said, self_critical: {epochs: 2}}}\n";
  EXPECT_NO_THROW(two(say));
  EXPECT_THAT(wrong(say + "train: {steps: 9}\n"), HasSubstr("remove train.steps"));
  EXPECT_THAT(wrong("tasks: {say: {kind: generation, target: said, self_critical: {draws: 1}}}\n"),
              HasSubstr("draws: expected"));
}

}  // namespace
}  // namespace braid
