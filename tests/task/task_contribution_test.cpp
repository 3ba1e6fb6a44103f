#include "braid/task/task_contribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "braid/core/rng.h"
#include "braid/task/kept_fields.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using testing::HasSubstr;

// Answers as a model gives them, without a model: two fields, two classes.
struct Said {
  Said() {
    task.name = "digit";
    task.kind = "classification";
    task.target = {"digit"};
    facts.rows = 4;
    facts.classes = {"one", "two"};
    facts.counts = {3, 1};
    answers.fields = {"a", "b"};
    answers.sets = field_sets(2);
    answers.answers.resize(1);
    targets.columns = 1;
  }
  // Probability of the second class from both, a, b, and from both with a or b shuffled.
  void row(double label, std::array<double, 5> p, bool has_a = true, bool has_b = true) {
    const auto n = std::ssize(targets.rows);
    targets.rows.push_back(n);
    targets.values.push_back(label);
    targets.has_unseen.push_back(label == kUnseenClass);
    answers.rows.push_back(n);
    answers.present.insert(answers.present.end(), {uint8_t{has_a}, uint8_t{has_b}});
    answers.shuffled_rows.push_back(n);
    for (size_t i = 0; i < 5; ++i) said[i].insert(said[i].end(), {1 - p[i], p[i]});
  }
  Judged judged() {
    const auto array = [&](size_t i) {
      return Array::of<double>({std::ssize(targets.rows), 2}, std::span<const double>(said[i]));
    };
    answers.answers = {{array(0), array(1), array(2)}};
    answers.shuffled = {{array(3), array(4)}};
    return {&task, &facts, &targets, &answers, 0};
  }
  TaskConfig task;
  TargetFacts facts;
  TargetTable targets;
  JointAnswers answers;
  std::array<std::vector<double>, 5> said;
};

TEST(TaskContribution, IsHandWorked) {
  Said said;
  said.row(1, {0.9, 0.7, 0.6, 0.5, 0.8});
  const auto nothing = std::numeric_limits<double>::quiet_NaN();
  said.row(nothing, {0.5, 0.5, 0.5, 0.5, 0.5});         // no target: does not count
  said.row(0, {0.2, 0.2, 0.9, 0.3, 0.2}, true, false);  // b is absent: nothing of it counts
  said.row(kUnseenClass, {0.5, 0.5, 0.5, 0.5, 0.5});    // nobody can be right
  const auto out = task_contribution(said.judged(), {});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->summary.n, 3);
  // Nothing: the shares of training, 3/4 and 1/4. phi_a = ((.7 - .25) + (.9 - .6)) / 2.
  ASSERT_EQ(out->shapley.size(), 8u);
  EXPECT_NEAR(out->shapley[0], 0.375, 1e-12);
  EXPECT_NEAR(out->shapley[1], 0.275, 1e-12);
  EXPECT_TRUE(std::isnan(out->shapley[2]) && std::isnan(out->shapley[3]));
  EXPECT_NEAR(out->shapley[4], 0.8 - 0.75, 1e-12);  // a alone is there
  EXPECT_NEAR(out->shapley[5], 0, 1e-12);
  EXPECT_EQ(out->shapley[6], 0);
  // Drops of the probability: a (.9 - .5) + (.8 - .7), b .9 - .8, over three rows.
  EXPECT_NEAR(out->summary.fields[0].shares[1].drop->value, 0.5 / 3, 1e-12);
  EXPECT_NEAR(out->summary.fields[1].shares[1].drop->value, 0.1 / 3, 1e-12);
  EXPECT_EQ(out->summary.worths, (std::vector<std::string>{"accuracy", "probability"}));
  EXPECT_FALSE(out->summary.fields[0].alpha);
}

// a tells the class; b is drawn by chance, and the model answers as if it said nothing.
TEST(TaskContribution, APlantedUselessFieldIsWarnedOfAndAUsefulOneIsNot) {
  Rng rng(3);
  Said said;
  for (int i = 0; i < 200; ++i) {
    const double label = i % 2, p = label == 1 ? 0.9 : 0.1, other = 0.5 + 0.2 * rng.uniform() - 0.1;
    const auto shaken = [&] { return p + 0.1 * (rng.uniform() - 0.5); };
    const double shuffled = rng.chance(0.5) ? 0.9 : 0.1;
    said.row(label, {shaken(), p, other, shuffled, shaken()});
  }
  const auto warnings = task_contribution(said.judged(), {})->summary.warnings;
  EXPECT_THAT(warnings, testing::Contains(HasSubstr("field 'b' looks ignored")));
  EXPECT_THAT(warnings, testing::Contains(HasSubstr("not shown to answer better than 'a' alone")));
  EXPECT_THAT(warnings, testing::Not(testing::Contains(HasSubstr("field 'a'"))));
}

TEST(TaskContribution, OfNumbersIsMinusTheSquaredErrorInVariances) {
  Said said;
  said.task.kind = "regression";
  said.facts.mean = {10};
  said.facts.deviation = {2};
  said.targets.columns = 1;
  said.row(14, {0, 0, 0, 0, 0});
  EXPECT_EQ(worth_of(said.judged(), 0, std::vector<double>{10}), (std::vector<double>{-4}));
  EXPECT_EQ(worth_of(said.judged(), 0, std::vector<double>{15}), (std::vector<double>{-0.25}));
}

TEST(TaskContribution, OfLabelsIsTheShareOfKnownOnes) {
  Said said;
  said.task.node = ConfigNode::parse("labels: multi", "r.yaml");
  said.targets.columns = 3;
  said.row(1, {0, 0, 0, 0, 0});
  const auto nothing = std::numeric_limits<double>::quiet_NaN();
  said.targets.values = {1, 0, nothing};
  const auto worth = worth_of(said.judged(), 0, std::vector<double>{0.8, 0.6, 0.9});
  EXPECT_DOUBLE_EQ(worth[0], 0.5);
  EXPECT_DOUBLE_EQ(worth[1], (0.8 + 0.4) / 2);
}

TEST(TaskContribution, IsNothingForOneFieldOrForMatching) {
  Said said;
  said.row(1, {0.9, 0.7, 0.6, 0.5, 0.8});
  said.task.kind = "matching";
  EXPECT_FALSE(task_contribution(said.judged(), {}));
  said.task.kind = "classification";
  auto judged = said.judged();
  said.answers.sets.resize(1);  // of all fields alone
  EXPECT_FALSE(task_contribution(judged, {}));
  said.answers.fields = {"a"};
  EXPECT_FALSE(task_contribution(judged, {}));
}

// Two rows can only swap: what a model says of shuffled fields it says of the swapped manifest.
void expect_swapped(const std::string& fusion) {
  const Scratch folder;
  const auto manifest = [](const char* first, const char* second) {
    return std::string("{\"en\": \"") + first + "\", \"de\": \"rot haus\", \"fr\": \"rouge\", "
           "\"colour\": \"red\"}\n" +
           "{\"en\": \"" + second + "\", \"de\": \"blau\", \"colour\": \"blue\"}\n" +
           "{\"de\": \"baum\", \"colour\": \"blue\"}\n";
  };
  const auto more = "fusion: " + fusion +
                    "\ntasks: {colour: {kind: classification, target: colour}}\n";
  const test::TinyWorld world(folder.path(), more, manifest("red house", "blue tree stone"));
  const auto model = world.model();
  EmbedOptions options;
  options.batch = 1;  // rows of different batches swap, too
  const auto kept = answer_rows(*model, *world.data, world.pointers(), {0, 1, 2}, field_sets(2),
                                options, 5);
  EXPECT_EQ(kept.shuffled_rows, (std::vector<int64_t>{0, 1, 2}));
  write_atomic(folder / "all.jsonl", std::string_view(manifest("blue tree stone", "red house")));
  const auto other = open_dataset(world.recipe.data, world.recipe.sources(), folder.path());
  const auto swapped =
      answer_rows(*model, *other, world.pointers(), {0, 1, 2}, field_sets(2), options);
  const auto a = kept.shuffled[0][0].values<double>(),
             b = swapped.answers[0][0].values<double>(),
             before = kept.answers[0][0].values<double>();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-6);
  EXPECT_GT(std::abs(a[0] - before[0]), 1e-6);
  EXPECT_NEAR(a[4], before[4], 1e-6);  // without the field: as before
  EXPECT_TRUE(swapped.shuffled.empty());
}

TEST(ShuffledFields, SwapVectorsBetweenRows) { expect_swapped("vector_concat"); }

TEST(ShuffledFields, SwapTokensBetweenRows) { expect_swapped("{kind: feature_concat}"); }

TEST(ShuffledFields, AreDrawnFromManyRowsAndKeptWhole) {
  const auto rows = drawn_rows(5000, 1);
  ASSERT_EQ(std::ssize(rows), kMostShuffledRows);
  for (size_t i = 1; i < rows.size(); ++i) ASSERT_LT(rows[i - 1], rows[i]);
  EXPECT_LT(rows[0], 50);
  EXPECT_GT(rows.back(), 4950);
  EXPECT_EQ(drawn_rows(5000, 1), rows);
  EXPECT_NE(drawn_rows(5000, 2), rows);
  EXPECT_EQ(drawn_rows(3, 1), (std::vector<int64_t>{0, 1, 2}));
}

}  // namespace
}  // namespace braid
