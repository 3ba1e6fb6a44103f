// Tasks that transcribe: keys, the loss of a batch, answers and figures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/metric/error_rates.h"
#include "braid/task/joint_answers.h"
#include "braid/task/task_metrics.h"
#include "braid/task/text_metrics.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;
using testing::HasSubstr;

// Field a reads English; its tokens say what `target` has.
std::string heard(const std::string& target, const std::string& more = ", field: a") {
  return "fusion: mean\ntasks: {said: {kind: transcription, target: " + target + more +
         ", tokenizer: {vocabulary: 300}}}\n";
}

// The same world, whose first field has tokens.
std::string hearing_recipe(const std::string& more) {
  auto yaml = test::tiny_recipe(more);
  const std::string plain = "{kind: bag_of_tokens, width: 16, hidden: 0, dropout: 0}";
  return yaml.replace(yaml.find(plain), plain.size(),
                      "{kind: text_transformer, width: 16, depth: 1, heads: 2, dropout: 0}");
}

std::string complaint_about(const std::string& more) {
  const Scratch folder;
  return error_of([&] { TinyWorld(folder.path(), more, test::spoken_manifest()); });
}

TEST(TranscriptionTask, SeesTheFieldThatSaysItAlone) {
  const Scratch folder;
  // Field b reads `de` itself: what a says may be aligned with it.
  const TinyWorld world(folder.path(), heard("de"), test::spoken_manifest());
  const auto& task = world.recipe.tasks[0];
  EXPECT_TRUE(task.sees("a"));
  EXPECT_FALSE(task.sees("b"));
  EXPECT_EQ(world.recipe.eval.metric, "cer");
  EXPECT_EQ(world.facts[0].languages, std::vector<std::string>{""});
  EXPECT_EQ(world.facts[0].rows, 64);
}

TEST(TranscriptionTask, RefusesWhatCannotBe) {
  EXPECT_THAT(complaint_about(heard("en")), HasSubstr("field 'a' reads column 'en'"));
  EXPECT_THAT(complaint_about(heard("it", "")), HasSubstr("needs `field`"));
  EXPECT_THAT(complaint_about(heard("it", ", field: c")), HasSubstr("no field 'c'"));
  EXPECT_THAT(complaint_about(heard("{es: es, it: it}")), HasSubstr("columns without labels"));
  EXPECT_THAT(complaint_about(heard("\"\"")), HasSubstr("needs `target`"));
}

TEST(TranscriptionTask, NeedsAFieldWithTokens) {
  const Scratch folder;
  const TinyWorld world(folder.path(), heard("it"), test::spoken_manifest());
  const auto model = world.model();
  EXPECT_THAT(error_of([&] {
                answer_rows(*model, *world.data, world.pointers(), {0}, field_sets(2), {});
              }),
              HasSubstr("field 'a' makes no tokens"));
}

TEST(TranscriptionTask, AnswersAreJudgedByErrorRates) {
  const Scratch folder;
  const TinyWorld world(folder.path(), heard("it"), test::spoken_manifest(), hearing_recipe);
  const auto model = world.model();
  model->eval();
  const std::vector<int64_t> rows = {0, 1, 2, 3};  // the third and the fourth have no text
  const auto answers =
      answer_rows(*model, *world.data, world.pointers(), rows, field_sets(2), {});
  ASSERT_EQ(answers.texts[0][0].size(), 1u);
  ASSERT_EQ(answers.texts[0][0][0].size(), rows.size());
  const auto targets = read_targets(world.recipe.tasks[0], world.facts[0], *world.data, rows);
  const Judged judged{&world.recipe.tasks[0], &world.facts[0], &targets, &answers, 0};
  const auto metrics = text_metrics(judged, {});
  ASSERT_EQ(metrics.size(), 6u);  // of a alone, and of the usual text
  const auto& cer = metrics[0];
  EXPECT_EQ(cer.name, "cer");
  EXPECT_EQ(cer.query_field, "a");
  EXPECT_EQ(cer.n, 2);
  int64_t edits = 0;
  for (const size_t n : {0, 1})
    edits += character_edits(answers.texts[0][0][0][n], "ecco rojo").edits;
  EXPECT_DOUBLE_EQ(cer.value, static_cast<double>(edits) / 18);
  EXPECT_EQ(metrics[3].query_field, "usual");
  EXPECT_EQ(brief_text_metrics(judged, {}).at(0).value, cer.value);
}

TEST(TranscriptionTask, TextsThatDoNotFitAreCountedAndLeaveItsLossOnly) {
  const Scratch folder;
  const TinyWorld world(folder.path(),
                        heard("it") + "alignment: [{between: [a, b], loss: {kind: info_nce}}]\n",
                        test::spoken_manifest(), hearing_recipe);
  const auto model = world.model();
  auto targets = world.targets();
  const auto of = [&](std::vector<TargetTable> tables) {
    LoaderConfig config;
    config.batch = 8;
    config.shuffle = false;
    config.workers = 0;
    config.two_views = {false, false};
    config.every_source = {false, false};
    const auto loader = make_loader(*world.data, world.data->rows(""), world.pointers(), config);
    loader->start(0, 0);
    JointLoss loss(world.recipe, world.pointers(), std::move(tables));
    return loss.forward(*model, *loader->next()).terms;
  };
  const auto all = of(targets);
  ASSERT_EQ(all.size(), 2u);
  ASSERT_EQ(all[1].readings.size(), 1u);
  const double before = all[1].readings[0].second;
  targets[0].texts[0][0].tokens.assign(100, 65);
  const auto fewer = of(targets);
  EXPECT_EQ(fewer[1].readings[0].second, before + 1);
  EXPECT_EQ(fewer[0].loss, all[0].loss);
}

}  // namespace
}  // namespace braid
