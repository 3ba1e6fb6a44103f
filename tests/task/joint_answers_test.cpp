#include "braid/task/joint_answers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "braid/task/task_metrics.h"
#include "braid/task/task_question.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;

TEST(FieldSets, AreAllOfUpToFourFieldsTheLargestFirst) {
  const std::vector<FieldSet> two = {{true, true}, {true, false}, {false, true}};
  EXPECT_EQ(field_sets(2), two);
  EXPECT_EQ(field_sets(1), (std::vector<FieldSet>{{true}}));
  EXPECT_EQ(field_sets(4).size(), 15u);
  EXPECT_EQ(set_name({true, false, true}, {"a", "b", "c"}), "a+c");
}

TEST(FieldSets, OfMoreLeaveOneOutAndTakeOneAlone) {
  const auto sets = field_sets(6);
  ASSERT_EQ(sets.size(), 13u);
  EXPECT_EQ(sets[0], FieldSet(6, true));
  EXPECT_EQ(sets[2], (FieldSet{true, false, true, true, true, true}));
  EXPECT_EQ(sets[12], (FieldSet{false, false, false, false, false, true}));
  EXPECT_EQ(tabled_sets(6), 13u);
}

TEST(FieldSets, OfFiveEverySetIsAskedAndElevenTabled) {
  const auto sets = field_sets(5);
  EXPECT_EQ(sets.size(), 31u);
  EXPECT_EQ(std::set<FieldSet>(sets.begin(), sets.end()).size(), 31u);
  EXPECT_EQ(tabled_sets(5), 11u);
  EXPECT_EQ(sets[10], (FieldSet{false, false, false, false, true}));
  EXPECT_EQ(sets[11], (FieldSet{true, true, true, false, false}));
}

class JointAnswersTest : public testing::Test {
 protected:
  void open(const std::string& more, const std::string& manifest = test::labelled_manifest()) {
    world_ = std::make_unique<TinyWorld>(folder_.path(), more, manifest);
    model_ = world_->model();
  }
  JointAnswers answer(const std::vector<int64_t>& rows, int64_t batch = 128) {
    EmbedOptions options;
    options.batch = batch;
    return answer_rows(*model_, *world_->data, world_->pointers(), rows, field_sets(2), options);
  }
  Judged judged(const JointAnswers& answers, size_t task = 0) {
    const auto& own = world_->recipe.tasks[task];
    targets_ = read_targets(own, world_->facts[task], *world_->data, answers.rows);
    return {&own, &world_->facts[task], &targets_, &answers, task};
  }
  static const Metric& find(const std::vector<Metric>& metrics, const std::string& name,
                            const std::string& inputs) {
    for (const auto& metric : metrics) {
      if (metric.name == name && metric.query_field == inputs && metric.label.empty())
        return metric;
    }
    throw std::runtime_error("no " + name + " of " + inputs);
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  std::unique_ptr<Model> model_;
  TargetTable targets_;
};

constexpr const char* kTasks =
    "fusion: mean\ntasks:\n  colour: {kind: classification, target: colour}\n"
    "  letters: {kind: regression, target: letters}\n";

TEST_F(JointAnswersTest, ARowLackingAFieldIsAnsweredFromTheOthersAsThatSetIs) {
  open(kTasks,
       "{\"en\": \"red house\", \"de\": \"rot haus\", \"colour\": \"red\", \"letters\": 8}\n"
       "{\"en\": \"blue tree\", \"colour\": \"blue\", \"letters\": 9}\n"
       "{\"fr\": \"vert arbre\", \"colour\": \"red\", \"letters\": 8}\n"
       "{\"colour\": \"red\", \"letters\": 5}\n");
  const auto answers = answer({0, 1, 2, 3});
  EXPECT_EQ(answers.present, (std::vector<uint8_t>{1, 1, 1, 0, 0, 1, 0, 0}));
  EXPECT_EQ(answers.good, 4);
  ASSERT_EQ(answers.answers.size(), 2u);
  const auto of = [&](size_t set, size_t row) {  // two classes a row
    const auto all = answers.answers[0][set].values<double>();
    return std::vector<double>{all[row * 2], all[row * 2 + 1]};
  };
  EXPECT_EQ(of(0, 1), of(1, 1));  // a+b is a where b is missing
  EXPECT_EQ(of(0, 2), of(2, 2));
  EXPECT_NE(of(0, 0), of(1, 0));
  EXPECT_TRUE(answers.carries(2, 0) && answers.carries(2, 2) && !answers.carries(2, 1));
  EXPECT_FALSE(answers.carries(3, 0));
  EXPECT_EQ(of(0, 3), of(1, 2));  // nothing is nothing
}

TEST_F(JointAnswersTest, APooledFieldAnswersFromAllItsValues) {
  open(kTasks,
       "{\"en\": [\"red house\", \"a tree\", \"moon\"], \"de\": null, \"fr\": null, "
       "\"colour\": \"red\", \"letters\": 8}\n"
       "{\"en\": [\"moon\", \"red house\", \"a tree\"], \"colour\": \"blue\", \"letters\": 9}\n"
       "{\"en\": \"red house\", \"colour\": \"red\", \"letters\": 7}\n");
  const auto first = answer({0, 2});  // without pooling a row's first value stands for it
  world_->recipe.fields[0].second.pooling = ValuePoolingConfig{.hidden = 8};
  model_ = world_->model();
  const auto answers = answer({0, 1, 2});
  EXPECT_EQ(answers.good, 3 + 3 + 1);
  EXPECT_EQ(answers.present, (std::vector<uint8_t>{1, 0, 1, 0, 1, 0}));
  const auto plain = first.answers[0][0].values<double>();
  const auto pooled = answers.answers[0][0].values<double>();
  EXPECT_NEAR(plain[0], plain[2], 1e-6);
  EXPECT_NEAR(pooled[0], pooled[2], 1e-6);  // in any order
  EXPECT_GT(std::abs(pooled[0] - pooled[4]), 1e-4);
}

TEST_F(JointAnswersTest, DoNotDependOnTheBatch) {
  open(kTasks);
  const auto together = answer(world_->data->rows("")), parts = answer(world_->data->rows(""), 7);
  for (size_t set = 0; set < 3; ++set) {
    const auto a = together.answers[0][set].values<double>(),
               b = parts.answers[0][set].values<double>();
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-6);
  }
}

TEST_F(JointAnswersTest, MetricsAreOfEverySetAndOfBlindAnswers) {
  open(kTasks);
  const auto answers = answer(world_->data->rows(""));
  const auto metrics = task_metrics(judged(answers), {});
  for (const char* inputs : {"a+b", "a", "b", "prior"}) {
    const auto accuracy = find(metrics, "accuracy", inputs);
    EXPECT_EQ(accuracy.n, 64);
    EXPECT_EQ(accuracy.gallery, 8);
    EXPECT_EQ(accuracy.task, "colour");
    EXPECT_EQ(accuracy.direction, std::string(inputs) + "->colour");
  }
  // Eight rows of each of eight colours: the shares say 1/8 of every row.
  EXPECT_DOUBLE_EQ(find(metrics, "accuracy", "prior").value, 1.0 / 8);
  EXPECT_NEAR(find(metrics, "nll", "prior").value, std::log(8.0), 1e-12);
  const auto brief = brief_task_metrics(judged(answers), {});
  EXPECT_EQ(find(brief, "accuracy", "a+b").value, find(metrics, "accuracy", "a+b").value);
  for (const auto& metric : brief) EXPECT_EQ(metric.query_field, "a+b");
}

TEST_F(JointAnswersTest, BlindNumbersAreMeanAndMedian) {
  open(kTasks);
  const auto answers = answer(world_->data->rows(""));
  const auto metrics = task_metrics(judged(answers, 1), {});
  EXPECT_NEAR(find(metrics, "rmse", "mean").value, world_->facts[1].deviation[0], 1e-9);
  EXPECT_LE(find(metrics, "mae", "median").value, find(metrics, "mae", "mean").value);
  EXPECT_NEAR(find(metrics, "r2", "mean").value, 0, 1e-12);
}

TEST_F(JointAnswersTest, AClassUnseenInTrainingIsAnErrorAndNamed) {
  open(kTasks);
  world_->facts[0] = learn_targets(world_->recipe, *world_->data,
                                   {0, 1, 8, 9, 16, 17, 24, 25, 32, 33, 40, 41, 48, 49})[0];
  world_->facts[0].classes.resize(7);  // brown is the eighth row of colours
  model_ = world_->model();
  const auto answers = answer({0, 1, 56, 57, 58});
  const auto question = judged(answers);
  const auto metrics = task_metrics(question, {});
  const auto accuracy = find(metrics, "accuracy", "a+b");
  EXPECT_EQ(accuracy.n, 5);
  EXPECT_LE(accuracy.value, 2.0 / 5);
  Metric about;
  about.protocol = "val";
  const auto notes = task_notes(question, about);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("no training row has class 'brown', 3 rows have, the first at"),
            std::string::npos);
}

TEST_F(JointAnswersTest, RowsWithoutATargetOrAFieldAreLeftOutAndCounted) {
  open(kTasks,
       "{\"en\": \"red house\", \"colour\": \"red\", \"letters\": 8}\n"
       "{\"de\": \"blau\", \"fr\": \"bleu\", \"colour\": \"blue\", \"letters\": 9}\n"
       "{\"en\": \"red tree\", \"colour\": \"red\", \"letters\": 3}\n"
       "{\"en\": \"green\"}\n{\"colour\": \"red\", \"letters\": 5}\n");
  const auto answers = answer({0, 1, 2, 3, 4});
  const auto question = judged(answers);
  const auto metrics = task_metrics(question, {});
  EXPECT_EQ(find(metrics, "accuracy", "a+b").n, 3);
  EXPECT_EQ(find(metrics, "accuracy", "b").n, 1);
  const auto notes = task_notes(question, {});
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_NE(notes[0].find("1 of 5 rows have no target"), std::string::npos);
  EXPECT_NE(notes[1].find("1 of 5 rows have a target but no field"), std::string::npos);
}

TEST_F(JointAnswersTest, ManyLabelsHaveTheirShareAsPrior) {
  open("fusion: mean\ntasks: {tags: {kind: classification, target: tags, labels: multi}}\n");
  const auto answers = answer(world_->data->rows(""));
  const auto metrics = task_metrics(judged(answers), {});
  EXPECT_GE(find(metrics, "average_precision", "a+b").value, 0);
  // Ranked by nothing: the share of rows with the label.
  const auto& facts = world_->facts[0];
  const double share =
      (static_cast<double>(facts.counts[0]) + static_cast<double>(facts.counts[1])) /
      (2 * static_cast<double>(facts.rows));
  EXPECT_NEAR(find(metrics, "average_precision", "prior").value, share, 1e-12);
}

TEST_F(JointAnswersTest, RowsOfOneGroupAreResampledTogether) {
  open(kTasks);
  ProtocolConfig protocol;
  protocol.kind = ProtocolKind::kTask;
  protocol.task = "colour";
  protocol.split = "all";
  protocol.group = "warm";  // red and pink ones; all others
  const auto rows = world_->data->rows("");
  auto question = resolve_task_question(world_->recipe, world_->facts, *world_->data, protocol);
  ASSERT_EQ(question.targets.rows, rows);
  for (size_t n = 0; n < rows.size(); ++n) {
    const bool warm = world_->data->column(rows[n], "warm")[0] == "true";
    EXPECT_EQ(question.targets.group[n], warm ? 0 : 1) << n;  // a red one is first
  }
  const auto answers = answer(rows);
  auto asked = judged(answers);
  targets_.group.assign(rows.size(), 7);  // one patient's: nothing to draw
  const auto metrics = task_metrics(asked, {});
  const auto accuracy = find(metrics, "accuracy", "a+b");
  EXPECT_EQ(accuracy.low, accuracy.value);
  EXPECT_EQ(accuracy.high, accuracy.value);
  protocol.group = "warmth";
  EXPECT_NE(error_of([&] {
              resolve_task_question(world_->recipe, world_->facts, *world_->data, protocol);
            }).find("no row of it has a value in column 'warmth'"),
            std::string::npos);
}

}  // namespace
}  // namespace braid
