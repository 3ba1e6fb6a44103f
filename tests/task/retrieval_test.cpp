#include "braid/task/retrieval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "braid/task/tensor.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kBetween = "alignment:\n  - {between: [a, b]}\n";

// Gives tower b the weights of tower a: equal texts then have equal vectors.
void share_towers(Model& model) {
  const at::NoGradGuard no_grad;
  const auto all = model.named_parameters();
  for (const auto& [name, tensor] : all) {
    if (!name.starts_with("b.")) continue;
    for (const auto& [other, source] : all) {
      if (other == "a." + name.substr(2)) at::Tensor(tensor).copy_(source);
    }
  }
}

Question question_of(const TinyWorld& world, const std::string& split = "all") {
  ProtocolConfig protocol;
  protocol.name = "P";
  protocol.split = split;
  protocol.query = "b";
  protocol.against = "a";
  return resolve_question(world.recipe, *world.data, protocol);
}

double value_of(const RetrievalResult& result, const std::string& name,
                const std::string& direction, const std::string& language) {
  for (const auto& metric : result.metrics) {
    if (metric.name == name && metric.direction == direction && metric.language == language)
      return metric.value;
  }
  ADD_FAILURE() << "no " << name << " " << direction << " " << language;
  return -1;
}

// `de` repeats `en`, `fr` is the `en` of the next row: with shared towers every rank is known.
std::string shifted_manifest(int rows) {
  const char* words[] = {"red house", "blue tree",  "grey moon",
                         "pink fish", "white bird", "black boat"};
  std::string text;
  for (int i = 0; i < rows; ++i) {
    text += std::string("{\"en\": \"") + words[i] + "\", \"de\": \"" + words[i] + "\", \"fr\": \"" +
            words[(i + 1) % rows] + "\"}\n";
  }
  return text;
}

TEST(Retrieval, FindsEqualTextsFirstAndForeignOnesNever) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kBetween, shifted_manifest(6));
  const auto model = world.model();
  share_towers(*model);
  RetrievalOptions options;
  options.top = 2;
  const auto result =
      evaluate_retrieval(*model, *world.data, world.pointers(), question_of(world), options);
  for (const char* direction : {"b->a", "a->b"}) {
    EXPECT_EQ(value_of(result, "recall@1", direction, "de"), 1) << direction;
    EXPECT_EQ(value_of(result, "median_rank", direction, "de"), 1) << direction;
    EXPECT_EQ(value_of(result, "recall@1", direction, "fr"), 0) << direction;
  }
  ASSERT_EQ(result.outcomes.size(), 12u);
  EXPECT_EQ(result.outcomes[0].language, "de");
  EXPECT_EQ(result.outcomes[0].rank, 1);
  EXPECT_EQ(result.outcomes[0].top[0], 0);
  EXPECT_NEAR(result.outcomes[0].scores[0], 1, 1e-5);
  // fr of row 0 is en of row 1.
  EXPECT_EQ(result.outcomes[6].top[0], 1);
  EXPECT_GT(result.outcomes[6].rank, 1);
  for (const auto& metric : result.metrics) {
    EXPECT_EQ(metric.gallery, 6);
    EXPECT_EQ(metric.n, 6);
    EXPECT_EQ(metric.captions_per_item, 1);
    EXPECT_EQ(metric.split, "all");
    EXPECT_LE(metric.low, metric.value);
    EXPECT_GE(metric.high, metric.value);
  }
  ASSERT_EQ(result.geometry.size(), 2u);
  EXPECT_NEAR(result.geometry[0].alignment, 0, 1e-5);
  EXPECT_NEAR(result.geometry[0].gap, 0, 1e-5);
  EXPECT_GT(result.geometry[1].alignment, 0.01);
}

TEST(Retrieval, RanksEqualTheBruteForceOnes) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kBetween);
  const auto model = world.model(7);
  const auto vectors = [&](size_t field, size_t source) {
    std::vector<Value> values;
    for (int64_t row = 0; row < world.data->size(); ++row)
      values.push_back(world.data->values(row, field, source)[0]);
    return to_tensor(embed_values(*model, field, *world.modalities[field], values, {}).vectors)
        .to(at::kDouble);
  };
  const auto scores = vectors(1, 1).mm(vectors(0, 0).t());  // [64, 64], fr asks
  int64_t found = 0;
  double reciprocal = 0;
  for (int64_t i = 0; i < 64; ++i) {
    const auto better = scores[i].ge(scores[i][i]).sum().item<int64_t>();  // the true one included
    found += better <= 5;
    reciprocal += 1.0 / static_cast<double>(better);
  }
  const auto result =
      evaluate_retrieval(*model, *world.data, world.pointers(), question_of(world), {});
  // A near tie may fall the other way in float: one query of 64.
  EXPECT_NEAR(value_of(result, "recall@5", "b->a", "fr"), static_cast<double>(found) / 64,
              1.0 / 64 + 1e-9);
  EXPECT_NEAR(value_of(result, "mrr", "b->a", "fr"), reciprocal / 64, 1.0 / 64);
}

TEST(Retrieval, AModelThatKnowsNothingIsLastNotFirst) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kBetween);
  const auto model = world.model();
  {
    const at::NoGradGuard no_grad;
    for (auto& tensor : model->parameters()) tensor.zero_();
  }
  const auto result =
      evaluate_retrieval(*model, *world.data, world.pointers(), question_of(world), {});
  EXPECT_EQ(value_of(result, "recall@10", "b->a", "de"), 0);
  EXPECT_EQ(value_of(result, "median_rank", "b->a", "de"), 64);
}

TEST(Retrieval, CaptionsOfOneItemAreQueriesOfTheirOwn) {
  const Scratch folder;
  const std::string rows =
      "{\"en\": \"red house\", \"de\": [\"red house\", \"house\", \"red\"], \"fr\": \"x\"}\n"
      "{\"en\": \"blue tree\", \"de\": [\"blue tree\"], \"fr\": \"y\"}\n";
  const TinyWorld world(folder.path(), kBetween, rows);
  const auto model = world.model();
  share_towers(*model);
  const auto result =
      evaluate_retrieval(*model, *world.data, world.pointers(), question_of(world), {});
  for (const auto& metric : result.metrics) {
    if (metric.language != "de") continue;
    EXPECT_EQ(metric.captions_per_item, 3);
    EXPECT_EQ(metric.n, metric.direction == "b->a" ? 4 : 2);
    EXPECT_EQ(metric.gallery, metric.direction == "b->a" ? 2 : 4);
  }
}

TEST(Retrieval, ALanguageWithoutOrWithOneValueEndsNothing) {
  const Scratch folder;
  const std::string rows =
      "{\"en\": \"red house\", \"de\": \"rot haus\", \"fr\": \"\"}\n"
      "{\"en\": \"blue tree\", \"de\": \"\", \"fr\": \"\"}\n"
      "{\"en\": \"\", \"de\": \"grau mond\", \"fr\": \"gris lune\"}\n";
  const TinyWorld world(folder.path(), kBetween, rows);
  const auto model = world.model();
  const auto result =
      evaluate_retrieval(*model, *world.data, world.pointers(), question_of(world), {});
  EXPECT_EQ(value_of(result, "recall@10", "b->a", "de"), 1);  // one query, gallery of two
  for (const auto& metric : result.metrics) EXPECT_EQ(metric.language, "de");
  EXPECT_TRUE(result.geometry.empty());
}

TEST(Retrieval, AnUnreadableValueIsNamedAndCountedAgainstMaxBad) {
  const Scratch folder;
  std::string rows = shifted_manifest(6);
  rows.replace(rows.find("blue tree"), 9, "   ");
  const TinyWorld world(folder.path(), kBetween, rows);
  const auto model = world.model();
  RetrievalOptions options;
  options.max_bad = 0.5;
  const auto result =
      evaluate_retrieval(*model, *world.data, world.pointers(), question_of(world), options);
  ASSERT_FALSE(result.bad.empty());
  EXPECT_THAT(result.bad[0].where, HasSubstr("all.jsonl:1"));  // its fr
  EXPECT_THAT(result.bad[0].message, HasSubstr("b: text is empty"));
  options.max_bad = 0;
  EXPECT_THAT(
      error_of([&] {
        evaluate_retrieval(*model, *world.data, world.pointers(), question_of(world), options);
      }),
      StartsWith(
          "input: 1 values could not be read, more than the share of 0 that data.max_bad allows"));
}

// Rows of a pair count as each other's: `fr` of every second row names the other one of its pair.
TEST(Retrieval, AColumnSaysWhatIsRelevant) {
  const Scratch folder;
  std::istringstream lines(shifted_manifest(6));
  std::string rows;
  int row = 0;
  for (std::string line; std::getline(lines, line); ++row) {
    line.replace(line.rfind('}'), 1, ", \"pair\": \"" + std::to_string(row / 2) + "\"}\n");
    rows += line;
  }
  const TinyWorld world(folder.path(), kBetween, rows);
  const auto model = world.model();
  share_towers(*model);
  const auto question_with = [&](const char* column) {
    return resolve_question(
        world.recipe, *world.data,
        {.name = "P", .split = "all", .query = "b", .against = "a", .relevant = column});
  };
  const auto result = evaluate_retrieval(*model, *world.data, world.pointers(),
                                         question_with("pair"), RetrievalOptions());
  for (const char* direction : {"b->a", "a->b"}) {
    EXPECT_EQ(value_of(result, "recall@1", direction, "de"), 1) << direction;
    EXPECT_EQ(value_of(result, "recall@1", direction, "fr"), 0.5) << direction;
  }
  EXPECT_THAT(error_of([&] { question_with("nowhere"); }), HasSubstr("'nowhere'"));
}

TEST(Retrieval, QuestionsThatCannotBeAskedAreRefused) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kBetween);
  const auto ask = [&](ProtocolConfig protocol) {
    protocol.name = "P";
    return error_of([&] { resolve_question(world.recipe, *world.data, protocol); });
  };
  EXPECT_THAT(ask({.split = "test"}), StartsWith("config: protocol P: no split 'test'"));
  EXPECT_THAT(ask({.split = "all", .queries = {.where = {{"en", "nowhere"}}}}),
              StartsWith("config: protocol P: no rows for its queries"));
  EXPECT_THAT(ask({.split = "all", .gallery = {.where = {{"en", "red house"}}}}),
              StartsWith("config: protocol P: queries ask for rows that its gallery lacks"));
}

TEST(Retrieval, DefaultsToTheFirstTextFieldAndTheFirstOther) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kBetween);
  ProtocolConfig protocol;
  protocol.split = "all";
  const auto question = resolve_question(world.recipe, *world.data, protocol);
  EXPECT_EQ(question.query, 0u);
  EXPECT_EQ(question.against, 1u);
}

TEST(Embed, GivesUnitRowsInOrderAndNamesWhatItCannotRead) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kBetween);
  const auto model = world.model();
  const std::vector<Value> values = {
      {"red house", {}, {}}, {" ", {}, {}}, {"", folder / "gone.txt", {}}, {"blue tree", {}, {}}};
  const auto result =
      embed_values(*model, 0, *world.modalities[0], values, {.threads = 2, .batch = 3});
  EXPECT_THAT(result.kept, ElementsAre(0, 3));
  ASSERT_EQ(result.bad.size(), 2u);
  EXPECT_EQ(result.bad[0].row, 1);
  EXPECT_EQ(result.bad[1].row, 2);
  EXPECT_THAT(result.bad[1].message, HasSubstr("gone.txt"));
  const auto rows = to_tensor(result.vectors);
  EXPECT_TRUE(at::allclose(rows.norm(2, 1), at::ones({2}), 0, 1e-6));
  // Alone and in company: padding does not count, sums may be split differently.
  const auto alone = embed_one(*model, 0, *world.modalities[0], as_bytes("blue tree"));
  for (int64_t d = 0; d < 16; ++d)
    EXPECT_NEAR(rows[1][d].item<float>(), alone[static_cast<size_t>(d)], 1e-6);
}

TEST(Embed, NothingGivesNoRowsOfTheRightWidth) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kBetween);
  const auto model = world.model();
  EXPECT_EQ(embed_values(*model, 0, *world.modalities[0], {}, {}).vectors.shape(),
            (std::vector<int64_t>{0, 16}));
}

TEST(Embed, StopsWhenAsked) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kBetween);
  const auto model = world.model();
  StopFlag stop;
  stop.request();
  EmbedOptions options;
  options.stop = &stop;
  EXPECT_THAT(error_of([&] {
                embed_values(*model, 0, *world.modalities[0], {{"x", {}, {}}}, options);
              }),
              StartsWith("interrupted"));
}

}  // namespace
}  // namespace braid
