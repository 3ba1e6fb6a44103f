// Tasks that write: what is learned of their texts, the loss of a batch, what answers hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "braid/task/joint_answers.h"
#include "braid/task/target_texts.h"
#include "braid/task/task_metrics.h"
#include "braid/task/text_metrics.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kTextLossTolerance = 1e-5;  // padding and order of sums

// A task over both fields. `target` and further keys, ", draw: 2".
std::string say(const std::string& target, const std::string& more = "") {
  return "fusion: mean\ntasks: {say: {kind: generation, target: " + target +
         ", width: 16, depth: 1, heads: 2, dropout: 0, max_tokens: 12, " +
         "tokenizer: {vocabulary: 300}" + more + "}}\n";
}

constexpr const char* kBoth = "{es: es, it: it}";

class GenerationTask : public testing::Test {
 protected:
  void open(const std::string& more, const std::string& manifest = test::spoken_manifest()) {
    world_ = std::make_unique<TinyWorld>(folder_.path(), more, manifest);
    model_ = world_->model();
    model_->eval();
    // Weights that are felt: fresh ones write the same about everything.
    const at::NoGradGuard no_grad;
    for (const auto& parameter : model_->joint()->decoder(0)->parameters())
      parameter.add_(at::randn_like(parameter) * 0.4);
  }

  Batch batch(const std::vector<int64_t>& rows, int64_t epoch = 0) {
    LoaderConfig config;
    config.batch = static_cast<int64_t>(rows.size());
    config.shuffle = false;
    config.workers = 0;
    config.two_views = {false, false};
    config.every_source = {false, false};
    const auto loader = make_loader(*world_->data, rows, world_->pointers(), config);
    loader->start(epoch, 0);
    auto made = std::move(*loader->next());
    made.fields.back().slots.clear();  // of two languages one is drawn; field a says it all
    return made;
  }

  // Of the task, where the table has been changed by `change`.
  template <class Change>
  double loss(const std::vector<int64_t>& rows, Change change, int64_t epoch = 0) {
    auto targets = world_->targets();
    change(targets[0]);
    JointLoss loss(world_->recipe, world_->pointers(), std::move(targets));
    return loss.forward(*model_, batch(rows, epoch)).terms.at(0).loss;
  }
  double loss(const std::vector<int64_t>& rows, int64_t epoch = 0) {
    return loss(rows, [](TargetTable&) {}, epoch);
  }

  JointAnswers answer(const std::vector<int64_t>& rows, int64_t batch = 128,
                      std::optional<uint64_t> shuffle = {}) {
    EmbedOptions options;
    options.batch = batch;
    return answer_rows(*model_, *world_->data, world_->pointers(), rows, field_sets(2), options,
                       shuffle);
  }
  Judged judged(const JointAnswers& answers) {
    const auto& own = world_->recipe.tasks[0];
    targets_ = read_targets(own, world_->facts[0], *world_->data, answers.rows);
    return {&own, &world_->facts[0], &targets_, &answers, 0};
  }
  std::string complaint(const std::string& more, const std::string& manifest) {
    return error_of([&] { open(more, manifest); });
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  std::unique_ptr<Model> model_;
  TargetTable targets_;
};

TEST_F(GenerationTask, LearnsLanguagesUsualTextsAndTokens) {
  open(say("{es: [es, ex], it: it}"),
       "{\"en\": \"a\", \"de\": \"x\", \"fr\": \"y\", "
       "\"es\": [\"Uno\", \"dos\"], \"it\": \"due\"}\n"
       "{\"en\": \"b\", \"es\": \"dos\", \"it\": \"uno\"}\n"
       "{\"en\": \"c\", \"ex\": \"tres\"}\n{\"en\": \"d\", \"es\": \" \", \"it\": null}\n");
  const auto& facts = world_->facts[0];
  EXPECT_THAT(facts.languages, ElementsAre("es", "it"));
  EXPECT_THAT(facts.usual, ElementsAre("dos", "due"));  // of equals the first met
  EXPECT_EQ(facts.rows, 3);
  const auto table = world_->targets()[0];
  ASSERT_EQ(table.texts.size(), 4u);
  EXPECT_THAT(references_of(table, 0, 0), ElementsAre("Uno", "dos"));
  EXPECT_THAT(references_of(table, 2, 0), ElementsAre("tres"));
  EXPECT_THAT(references_of(table, 2, 1), ElementsAre());
  EXPECT_EQ(table.missing(), 1);  // blank is nothing
  EXPECT_TRUE(table.knows_row(2));
  EXPECT_FALSE(table.knows_row(3));
  const auto& text = table.texts[0][0];
  EXPECT_EQ(text.text, "Uno");
  EXPECT_EQ(text.tokens, facts.tokenizer->encode("Uno"));
  EXPECT_EQ(facts.tokenizer->decode(text.tokens), "uno");
}

TEST_F(GenerationTask, OneColumnIsALanguageWithoutAName) {
  open(say("it"));
  EXPECT_THAT(world_->facts[0].languages, ElementsAre(""));
  EXPECT_EQ(world_->facts[0].rows, 62);
  EXPECT_EQ(world_->targets()[0].missing(), 2);
}

TEST_F(GenerationTask, WhatCannotBeLearnedIsAClearError) {
  const std::string rows =
      "{\"en\": \"a\", \"de\": \"b\", \"fr\": \"b\", \"es\": \" \"}\n{\"en\": \"c\"}\n";
  EXPECT_EQ(complaint(say("[es, et]"), rows),
            "config: tasks.say.target: no row that is trained on has a text in es, et");
  EXPECT_THAT(complaint(say("{x: de}"), rows),
              HasSubstr("field 'b' reads column 'de', which is what the task must answer"));
  EXPECT_THAT(complaint("tasks: {say: {kind: generation}}\n", rows),
              HasSubstr("task 'say' needs `target`, the column of its texts"));
  EXPECT_THAT(complaint(say("[es, es]"), rows), HasSubstr("target: a column stands twice"));
  EXPECT_THAT(complaint(say("es", ", search: {max_tokens: 13}"), rows),
              HasSubstr("search.max_tokens: expected at most max_tokens, 12, got 13"));
  // A table that reads the answer by a pattern is seen with the data only.
  const auto table = error_of([&] {
    const std::string lines =
        "{\"v\": {\"say\": \"x\", \"n\": 1}}\n{\"v\": {\"say\": \"y\", \"n\": 2}}\n";
    write_atomic(folder_ / "all.jsonl", std::string_view(lines));
    const auto recipe = parse_recipe(
        ConfigNode::parse("data: {manifest: all.jsonl}\nfields: {a: {from: v.*, modality: {kind: "
                          "table}, encoder: {kind: table_mlp}}}\ntasks: {say: {kind: generation, "
                          "target: v.say}}\n",
                          "r.yaml"),
        folder_.path());
    const auto data = open_dataset(recipe.data, recipe.sources(), folder_.path());
    learn_targets(recipe, *data, data->rows(""));
  });
  EXPECT_THAT(table, HasSubstr("tasks.say.target: field 'a' reads column 'v.say'"));
}

TEST_F(GenerationTask, ARowWithoutATextHasNoPart) {
  open(say("it"));
  EXPECT_NEAR(loss({0, 1, 2, 3, 4}), loss({0, 1, 4}), kTextLossTolerance);
  EXPECT_TRUE(std::isnan(loss({2, 3})));
  JointLoss nobody(world_->recipe, world_->pointers(), world_->targets());
  EXPECT_FALSE(nobody.forward(*model_, batch({2, 3})).total.defined());
}

TEST_F(GenerationTask, TheLossIsTheMeanOverTheTokensOfAllTexts) {
  open(say("it", ", weight: 3"));
  const auto table = world_->targets()[0];
  double sum = 0, tokens = 0;
  for (const int64_t row : {0, 20, 50}) {
    const auto& text = table.texts[static_cast<size_t>(row)].at(0);
    const auto own = static_cast<double>(text.tokens.size() + 1);  // and the end
    sum += own * loss({row});
    tokens += own;
  }
  JointLoss all(world_->recipe, world_->pointers(), world_->targets());
  const auto value = all.forward(*model_, batch({0, 20, 50}));
  EXPECT_EQ(value.terms[0].name, "task:say");
  EXPECT_NEAR(value.terms[0].loss, sum / tokens, kTextLossTolerance);
  EXPECT_NEAR(value.total.item<double>(), 3 * sum / tokens, 3 * kTextLossTolerance);
  EXPECT_GE(value.terms[0].accuracy, 0);
  EXPECT_LE(value.terms[0].accuracy, 1);
}

TEST_F(GenerationTask, DrawsSoManyTextsOfEachLanguageByEpoch) {
  open(say(kBoth, ", draw: 2"));
  constexpr int64_t kRow = 9;
  const auto own = world_->targets()[0].texts[kRow];
  ASSERT_EQ(own.size(), 4u);  // three of es, one of it
  std::vector<double> nats, tokens;
  for (size_t i = 0; i < own.size(); ++i) {
    tokens.push_back(static_cast<double>(own[i].tokens.size() + 1));
    nats.push_back(tokens[i] * loss({kRow}, [&](TargetTable& table) {
                     table.texts[kRow] = {own[i]};
                   }));
  }
  // Each two of the three, and the fourth.
  std::vector<double> possible;
  for (size_t left_out = 0; left_out < 3; ++left_out) {
    double sum = 0, count = 0;
    for (size_t i = 0; i < own.size(); ++i) {
      if (i == left_out) continue;
      sum += nats[i];
      count += tokens[i];
    }
    possible.push_back(sum / count);
  }
  std::set<size_t> seen;
  for (int64_t epoch = 0; epoch < 24; ++epoch) {
    const double got = loss({kRow}, epoch);
    EXPECT_EQ(loss({kRow}, epoch), got);
    size_t found = possible.size();
    for (size_t i = 0; i < possible.size(); ++i) {
      if (std::abs(possible[i] - got) < kTextLossTolerance) found = i;
    }
    EXPECT_LT(found, possible.size()) << got;
    seen.insert(found);
  }
  EXPECT_EQ(seen.size(), 3u);  // (2/3)^24 for one never to be drawn
}

TEST_F(GenerationTask, AnswersHoldATextOfEachLanguageRowAndSet) {
  open(say(kBoth));
  const std::vector<int64_t> rows = {0, 9, 18, 27, 36, 45};
  const auto answers = answer(rows), by_two = answer(rows, 2);
  ASSERT_EQ(answers.texts.size(), 1u);
  ASSERT_EQ(answers.texts[0].size(), 3u);  // a+b, a, b
  std::set<std::string> different;
  for (const auto& set : answers.texts[0]) {
    ASSERT_EQ(set.size(), 2u);
    for (const auto& texts : set) {
      ASSERT_EQ(texts.size(), rows.size());
      different.insert(texts.begin(), texts.end());
    }
  }
  EXPECT_GT(different.size(), 3u);  // the tests below would see nothing otherwise
  EXPECT_EQ(answers.texts, by_two.texts);
  EXPECT_TRUE(answers.answers[0][0].empty());
  EXPECT_TRUE(answers.shuffled_texts.empty());
  EXPECT_NE(answers.texts[0][0][0], answers.texts[0][0][1]);
}

TEST_F(GenerationTask, ARowLackingAFieldIsWrittenAboutFromTheOthers) {
  open(say("it"),
       "{\"en\": \"red house\", \"de\": \"rot haus\", \"it\": \"uno uno\"}\n"
       "{\"en\": \"blue tree\", \"it\": \"due due\"}\n{\"fr\": \"vert arbre\", \"it\": \"tre\"}\n"
       "{\"it\": \"no\"}\n");
  const auto texts = answer({0, 1, 2, 3}).texts[0];
  EXPECT_EQ(texts[0][0][1], texts[1][0][1]);
  EXPECT_EQ(texts[0][0][2], texts[2][0][2]);
  EXPECT_EQ(texts[0][0][3], texts[1][0][3]);  // nothing is nothing
  EXPECT_EQ(texts[1][0][2], texts[1][0][3]);
}

TEST_F(GenerationTask, ShuffledTextsAreThereWhereTheyAreAskedFor) {
  open(say(kBoth));
  const std::vector<int64_t> rows = {0, 9, 18, 27, 36, 45};
  const auto answers = answer(rows, 4, 7), again = answer(rows, 128, 7);
  EXPECT_EQ(answers.shuffled_rows.size(), rows.size());
  ASSERT_EQ(answers.shuffled_texts.size(), 1u);
  ASSERT_EQ(answers.shuffled_texts[0].size(), 2u);  // fields
  for (const auto& field : answers.shuffled_texts[0]) {
    ASSERT_EQ(field.size(), 2u);  // languages
    for (const auto& texts : field) EXPECT_EQ(texts.size(), rows.size());
  }
  EXPECT_EQ(answers.shuffled_texts, again.shuffled_texts);
  EXPECT_EQ(answers.texts, answer(rows).texts);
  EXPECT_NE(answers.shuffled_texts[0][0], answers.texts[0][0]);
}

std::vector<std::string> who_of(const std::vector<Metric>& metrics, const std::string& language) {
  std::vector<std::string> who;
  for (const auto& metric : metrics) {
    if (metric.language == language && metric.name == "exact_match")
      who.push_back(metric.query_field);
  }
  return who;
}

TEST_F(GenerationTask, MetricsAreOfEverySetOfShuffledFieldsAndOfTheUsualText) {
  open(say(kBoth));
  const auto answers = answer(world_->data->rows(""), 128, 7);
  Metric about;
  about.split = "val";
  const auto metrics = text_metrics(judged(answers), about);
  const auto all = {"a+b", "a", "b", "a+b, a shuffled", "a+b, b shuffled", "usual"};
  EXPECT_THAT(who_of(metrics, "es"), testing::ElementsAreArray(all));
  EXPECT_THAT(who_of(metrics, "it"), testing::ElementsAreArray(all));
  for (const auto& metric : metrics) {
    EXPECT_EQ(metric.n, metric.language == "es" ? 64 : 62);
    EXPECT_EQ(metric.task, "say");
    EXPECT_EQ(metric.split, "val");
    EXPECT_EQ(metric.direction, metric.query_field + "->say");
    EXPECT_NE(metric.name, "vqa_accuracy");  // there are no ten answers
    if (metric.query_field != "usual" || metric.name != "exact_match") continue;
    // "rojo" is right about eight rows of 64; "ecco rojo" about six of 62.
    EXPECT_DOUBLE_EQ(metric.value, metric.language == "es" ? 8.0 / 64 : 8.0 / 62);
  }
  const auto brief = brief_text_metrics(judged(answers), about);
  for (const auto& metric : brief) {
    EXPECT_EQ(metric.query_field, "a+b");
    const auto same = std::find_if(metrics.begin(), metrics.end(), [&](const Metric& other) {
      return other.name == metric.name && other.language == metric.language &&
             other.query_field == "a+b";
    });
    ASSERT_NE(same, metrics.end());
    EXPECT_EQ(metric.value, same->value);
  }
}

TEST_F(GenerationTask, OfOneWordAnswersOnlyTheirOwnFiguresAndTheOneAskedFor) {
  open(say("colour"), test::labelled_manifest());
  const auto answers = answer(world_->data->rows(""), 128, 7);
  const auto names_of = [&](const std::string& wanted) {
    auto own = judged(answers);
    own.metric = wanted;
    std::set<std::string> names, brief;
    for (const auto& metric : text_metrics(own, {})) names.insert(metric.name);
    for (const auto& metric : brief_text_metrics(own, {})) brief.insert(metric.name);
    EXPECT_EQ(names, brief);
    return names;
  };
  EXPECT_THAT(names_of(""), ElementsAre("chrf", "exact_match"));
  EXPECT_THAT(names_of("rouge_l"), ElementsAre("chrf", "exact_match", "rouge_l"));
}

TEST_F(GenerationTask, WithoutARowToJudgeThatIsSaid) {
  open(say("it"));
  const auto answers = answer({2, 3});
  Metric about;
  about.protocol = "p";
  EXPECT_EQ(
      error_of([&] { text_metrics(judged(answers), about); }),
      "input: protocol p: no row has both a text of task 'say' and a field that could be read");
}

}  // namespace
}  // namespace braid
