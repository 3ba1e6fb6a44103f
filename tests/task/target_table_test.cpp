#include "braid/task/target_table.h"

#include <gtest/gtest.h>

#include <cmath>

#include "braid/core/file.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using testing::Test;

// A data set of given lines, and one task.
class TargetTableTest : public Test {
 protected:
  void open(const std::string& lines, const std::string& task, const std::string& field = "en") {
    write_atomic(folder_ / "all.jsonl", std::string_view(lines));
    const std::string yaml =
        "data: {manifest: all.jsonl}\nfields: {a: {from: " + field +
        ", modality: {kind: text}, encoder: {kind: bag_of_tokens}}}\ntasks: {t: " + task + "}\n";
    recipe_ = parse_recipe(ConfigNode::parse(yaml, "r.yaml"), folder_.path());
    data_ = open_dataset(recipe_.data, recipe_.sources(), folder_.path());
  }
  TargetFacts learn(std::vector<int64_t> rows = {}) const {
    if (rows.empty()) rows = data_->rows("");
    return learn_targets(recipe_, *data_, rows)[0];
  }
  TargetTable read(const TargetFacts& facts, const std::vector<int64_t>& rows) const {
    return read_targets(recipe_.tasks[0], facts, *data_, rows);
  }
  std::string complaint(const std::string& lines, const std::string& task,
                        const std::string& field = "en") {
    return error_of([&] {
      open(lines, task, field);
      learn();
    });
  }

  const Scratch folder_;
  Recipe recipe_;
  std::unique_ptr<Dataset> data_;
};

// Rows {"en": "x", "y": VALUE}.
std::string lines_of(const std::vector<std::string>& values) {
  std::string lines;
  for (const auto& value : values)
    lines += "{\"en\": \"x\"" + (value.empty() ? "" : ", \"y\": " + value) + "}\n";
  return lines;
}

constexpr const char* kClasses = "{kind: classification, target: y}";
constexpr const char* kNumbers = "{kind: regression, target: y}";

TEST_F(TargetTableTest, ClassesAreThoseOfTheTrainingRowsNumbersBySize) {
  open(lines_of({"10", "9", "9", "\"\"", "", "2"}), kClasses);
  const auto facts = learn({0, 1, 2, 3, 4});
  EXPECT_EQ(facts.classes, (std::vector<std::string>{"9", "10"}));
  EXPECT_EQ(facts.counts, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(facts.rows, 3);
  const auto table = read(facts, {5, 4, 0, 1});
  EXPECT_EQ(table.columns, 1);
  EXPECT_EQ(table.values[0], -1);  // 2 is unseen
  EXPECT_TRUE(std::isnan(table.values[1]));
  EXPECT_EQ(table.values[2], 1);
  EXPECT_EQ(table.values[3], 0);
  EXPECT_EQ(table.missing(), 1);
  EXPECT_TRUE(table.of_row(4).empty());
  EXPECT_TRUE(table.of_row(3).empty());  // not asked for
  EXPECT_EQ(table.of_row(1)[0], 0);
  ASSERT_EQ(table.unseen.size(), 1u);
  EXPECT_EQ(table.unseen[0].label, "2");
  EXPECT_EQ(table.unseen[0].rows, 1);
  EXPECT_NE(table.unseen[0].where.find("all.jsonl:6"), std::string::npos);
}

TEST_F(TargetTableTest, ThePositiveClassStandsLast) {
  open(lines_of({"\"ill\"", "\"well\"", "\"well\""}),
       "{kind: classification, target: y, positive: ill}");
  EXPECT_EQ(learn().classes, (std::vector<std::string>{"well", "ill"}));
  EXPECT_EQ(learn().counts, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(complaint(lines_of({"\"ill\"", "\"well\"", "\"well\""}),
                      "{kind: classification, target: y, positive: il}"),
            "config: tasks.t.positive: no class 'il' (did you mean 'ill'?); classes: ill, well");
}

TEST_F(TargetTableTest, ListsAreManyLabelsAnEmptyOneIsNoTarget) {
  open(lines_of({"[\"a\", \"b\", \"a\"]", "[\"b\"]", "[]", "[\"c\"]", "\"a\""}),
       "{kind: classification, target: y, labels: multi}");
  const auto facts = learn({0, 1, 2});
  EXPECT_EQ(facts.classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(facts.counts, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(facts.rows, 2);
  const auto table = read(facts, {0, 3, 4, 2});
  EXPECT_EQ((std::vector<double>(table.values.begin(), table.values.begin() + 6)),
            (std::vector<double>{1, 1, 0, 0, 1, 0}));
  EXPECT_EQ(table.has_unseen, (std::vector<uint8_t>{0, 1, 0, 0}));
  EXPECT_EQ(table.missing(), 1);
}

TEST_F(TargetTableTest, NumbersHaveTheirStatisticsFromTrainingRowsAlone) {
  open(
      "{\"en\": \"x\", \"u\": 1, \"v\": -1.5}\n{\"en\": \"x\", \"u\": 3}\n"
      "{\"en\": \"x\", \"u\": \"8\", \"v\": 2.5}\n{\"en\": \"x\", \"u\": 1e9}\n",
      "{kind: regression, target: [u, v]}");
  const auto facts = learn({0, 1, 2});
  EXPECT_EQ(facts.mean[0], 4);
  EXPECT_EQ(facts.median[0], 3);
  EXPECT_DOUBLE_EQ(facts.deviation[0], std::sqrt((9 + 1 + 16) / 3.0));
  EXPECT_EQ(facts.median[1], 0.5);
  EXPECT_EQ(facts.deviation[1], 2);
  const auto table = read(facts, {3, 2});
  EXPECT_EQ(table.values[0], 1e9);
  EXPECT_TRUE(std::isnan(table.values[1]));
  EXPECT_EQ(table.missing(), 0);  // one of two is enough
}

TEST_F(TargetTableTest, WhatCannotBeLearnedIsAClearError) {
  EXPECT_EQ(complaint(lines_of({"1", "2"}), "{kind: classification, target: yy}"),
            "config: tasks.t.target: no row that is trained on has a value in column 'yy' (did you "
            "mean 'y'?); there are: en, y");
  EXPECT_EQ(complaint(lines_of({"\"\"", "null"}), kClasses),
            "config: tasks.t.target: no row that is trained on has a value in column 'y'");
  EXPECT_EQ(complaint(lines_of({"7", "7", ""}), kClasses),
            "config: tasks.t.target: column 'y' is '7' in each of the 2 rows that are trained on "
            "and have one: there is nothing to learn, expected two classes or more");
  EXPECT_EQ(complaint(lines_of({"1", "2", "3"}), kClasses),
            "config: tasks.t.target: column 'y' has another value in each of the 3 rows, such as "
            "'1': no class to learn; for numbers set kind: regression");
  EXPECT_EQ(complaint(lines_of({"2.5", "2.5"}), kNumbers),
            "config: tasks.t.target: column 'y' is 2.5 in each of the 2 rows that are trained on "
            "and have one: there is nothing to learn");
}

TEST_F(TargetTableTest, LabelsAreMergedIntoClasses) {
  const std::string merge = "{kind: classification, target: y, merge: {other: [cold, none]}, ";
  open(lines_of({"\"flu\"", "\"cold\"", "\"none\"", "\"flu\"", "\"flu\""}), merge + "positive: flu}");
  const auto facts = learn();
  EXPECT_EQ(facts.classes, (std::vector<std::string>{"other", "flu"}));
  EXPECT_EQ(facts.counts, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(read(facts, {0, 1, 2}).values, (std::vector<double>{1, 0, 0}));
  open(lines_of({"[\"cold\", \"none\"]", "[\"flu\", \"none\"]"}), merge + "labels: multi}");
  EXPECT_EQ(learn().counts, (std::vector<int64_t>{1, 2}));  // flu, other
  EXPECT_NE(complaint(lines_of({"1", "2"}),
                      "{kind: classification, target: y, merge: {a: ['1'], b: ['1']}}")
                .find("label '1' is in 'a', too"),
            std::string::npos);
}

TEST_F(TargetTableTest, ABadCellIsNamedByItsRow) {
  const auto path = (folder_ / "all.jsonl").string();
  for (const char* bad : {"\"tall\"", "\"nan\"", "\"inf\"", "\"1.5x\"", "[1, 2]"}) {
    const auto message = complaint(lines_of({"1", bad}), kNumbers);
    EXPECT_NE(message.find("all.jsonl:2: tasks.t.target: column 'y': expected one finite number"),
              std::string::npos)
        << message;
  }
  EXPECT_NE(complaint(lines_of({"1", "[\"a\", \"b\"]"}), kClasses)
                .find("all.jsonl:2: tasks.t.target: 2 labels in column 'y', expected one; set "
                      "labels: multi"),
            std::string::npos);
}

TEST_F(TargetTableTest, ATableThatReadsTheAnswerThroughAPatternIsRefused) {
  const std::string lines =
      "{\"v\": {\"age\": 1, \"dose\": 2}}\n{\"v\": {\"age\": 3, \"dose\": 1}}\n";
  const auto recipe = [&](const std::string& modality) {
    return "data: {manifest: all.jsonl}\nfields: {a: {from: v.*, modality: " + modality +
           ", encoder: {kind: table_mlp}}}\ntasks: {t: {kind: regression, target: v.age}}\n";
  };
  const auto learn = [&](const std::string& yaml) {
    write_atomic(folder_ / "all.jsonl", std::string_view(lines));
    const auto parsed = parse_recipe(ConfigNode::parse(yaml, "r.yaml"), folder_.path());
    const auto data = open_dataset(parsed.data, parsed.sources(), folder_.path());
    return learn_targets(parsed, *data, data->rows(""));
  };
  EXPECT_EQ(error_of([&] { learn(recipe("{kind: table}")); }),
            "config: tasks.t.target: field 'a' reads column 'v.age', which is what the task must "
            "answer; leave it out of the field (modality.columns: {v.age: skip})");
  EXPECT_EQ(learn(recipe("{kind: table, columns: {v.age: skip}}"))[0].mean[0], 2);
}

}  // namespace
}  // namespace braid
