// Which texts a report shows of a task that writes, with what they were compared to.
#include "braid/engine/task_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kNamer =
    "tasks:\n  name: {kind: generation, target: names, tokenizer: {vocabulary: 300}}\n";

class TaskRecordTest : public testing::Test {
 protected:
  // A row for each text written, all with the same references.
  TaskRecord record_of(const std::vector<std::string>& written, const std::string& references) {
    std::string rows;
    for (size_t i = 0; i < written.size(); ++i)
      rows += "{\"en\": \"row " + std::to_string(i) + "\", \"names\": " + references + "}\n";
    world_ = std::make_unique<TinyWorld>(folder_.path(), kNamer, rows, test::one_field_recipe);
    auto answers = std::make_shared<JointAnswers>();
    answers->fields = {"a"};
    answers->rows = world_->data->rows("");
    answers->sets = {{true}};
    answers->present.assign(written.size(), 1);
    answers->answers.resize(1);
    answers->texts = {{{written}}};
    TaskPredictions predictions{.protocol = "val",
                                .task = world_->recipe.tasks[0],
                                .facts = world_->facts[0],
                                .targets = world_->targets()[0],
                                .keys = {},
                                .answers = answers,
                                .number = 0,
                                .shapley = {},
                                .data = std::move(world_->data)};
    return make_task_record(predictions);
  }
  static std::vector<std::string> texts_of(const std::vector<AnsweredSample>& samples) {
    std::vector<std::string> texts;
    for (const auto& sample : samples) texts.push_back(sample.answer);
    return texts;
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
};

TEST_F(TaskRecordTest, TheBestAndTheWorstTextsStandWithTheirReferencesCounted) {
  const auto record = record_of({"house", "xyz", "houses", "hou", "house", "qqq", "tree", "h"},
                                R"(["tree", "house", "home", "house"])");
  // Of eight rows four are worse than the others; a text that is right twice is shown once.
  EXPECT_THAT(texts_of(record.best), ElementsAre("house", "tree", "houses"));
  EXPECT_THAT(texts_of(record.mistakes), ElementsAre("xyz", "qqq", "h", "hou"));
  for (const auto* samples : {&record.best, &record.mistakes}) {
    for (const auto& sample : *samples) EXPECT_EQ(sample.truth, "house (2) | tree | home");
  }
  EXPECT_EQ(record.best[0].chrf, 1);
  EXPECT_EQ(record.mistakes[0].chrf, 0);
  EXPECT_LT(record.mistakes[3].chrf, record.best[2].chrf);
}

TEST_F(TaskRecordTest, NeitherAWrongTextIsBestNorARightOneWorst) {
  EXPECT_THAT(record_of({"xyz", "qqq"}, R"("tree")").best, IsEmpty());
  EXPECT_THAT(record_of({"tree", "tree"}, R"("tree")").mistakes, IsEmpty());
  EXPECT_THAT(texts_of(record_of({"tree"}, R"("tree")").best), ElementsAre("tree"));
}

TEST_F(TaskRecordTest, AFileGivesBackWhatWasWritten) {
  auto record = record_of({"tree", "tre", "x", "y"}, R"("tree")");
  record.best[0].heat = {{"picture", 2, 3, {0.5, 0.25, 0.125, 0.0625, 1.0 / 16, 0}}};
  const auto json = task_record_json(record, folder_.path());
  const auto again = read_task_record(json, folder_.path());
  EXPECT_EQ(task_record_json(again, folder_.path()), json);
  ASSERT_EQ(again.best.size(), 2u);
  EXPECT_EQ(again.best[0].chrf, 1);
  ASSERT_EQ(again.best[0].heat.size(), 1u);
  EXPECT_EQ(again.best[0].heat[0].columns, 3);
  EXPECT_EQ(again.best[0].heat[0].values, record.best[0].heat[0].values);
  EXPECT_THAT(again.best[1].heat, IsEmpty());
  auto old = json;  // of a run that knew neither
  old.erase("best");
  EXPECT_THAT(read_task_record(old, folder_.path()).best, IsEmpty());
  auto damaged = json;
  damaged["best"][0]["heat"][0]["rows"] = 4;
  EXPECT_THAT(error_of([&] { read_task_record(damaged, folder_.path()); }),
              testing::HasSubstr("'picture': expected 4 x 3 values, got 6"));
}

}  // namespace
}  // namespace braid
