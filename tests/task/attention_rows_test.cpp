#include "braid/task/attention_rows.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <numeric>

#include "braid/core/error.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;

constexpr const char* kColourTask =
    "fusion: mean\ntasks: {colour: {kind: classification, target: colour}}\n";
constexpr int64_t kEnough = 1 << 20;

std::string recipe_of_transformers(const std::string& more) {
  const std::string tower =
      "modality: {kind: text, max_tokens: 16, tokenizer: {vocabulary: 300}}, encoder: {kind: "
      "text_transformer, width: 16, heads: 2, depth: 1}}\n";
  return "data: {manifest: all.jsonl}\nspace: {width: 16}\nfields:\n  a: {from: en, " + tower +
         "  b: {from: de, " + tower + more;
}

class AttentionRows : public testing::Test {
 protected:
  std::vector<RowAttention> read(const std::string& interaction, const std::vector<int64_t>& rows,
                                 int64_t most = kEnough) {
    const TinyWorld world(folder_.path(), interaction + kColourTask,
                          "{\"en\": \"red house\", \"de\": \"ein rot haus\", \"colour\": \"red\"}\n"
                          "{\"en\": \"blue tree\", \"colour\": \"blue\"}\n"
                          "{\"en\": \"a\", \"de\": \"blau\", \"colour\": \"blue\"}\n",
                          recipe_of_transformers);
    for (size_t field = 0; field < 2; ++field) {
      for (const int64_t row : rows) {
        const auto values = world.data->values(row, field, 0);
        if (values.empty()) continue;
        const auto& modality = *world.modalities[field];
        tokens_[{row, field}] =
            modality.view(modality.prepare(as_bytes(values[0].text))).values.count();
      }
    }
    const auto model = world.model();
    return attention_of_rows(*model, *world.data, world.pointers(), rows, {}, most);
  }
  static std::vector<std::string> names(const RowAttention& row) {
    std::vector<std::string> out;
    for (const auto& [name, weights] : row) out.push_back(name);
    return out;
  }

  const Scratch folder_;
  std::map<std::pair<int64_t, size_t>, int64_t> tokens_;
};

TEST_F(AttentionRows, ARowHasItsOwnTokensAndNoOthers) {
  const auto rows = read("interaction: [{kind: cross_attention, heads: 2}]\n", {0, 2});
  ASSERT_EQ(rows.size(), 2u);
  const int64_t which[] = {0, 2};
  for (size_t i = 0; i < 2; ++i) {
    const auto a = tokens_.at({which[i], 0}), b = tokens_.at({which[i], 1});
    ASSERT_NE(a, b);
    EXPECT_EQ(names(rows[i]), (std::vector<std::string>{"0.a->b", "0.b->a"}));
    EXPECT_EQ(rows[i][0].second.shape(), (std::vector<int64_t>{a, b}));
    EXPECT_EQ(rows[i][1].second.shape(), (std::vector<int64_t>{b, a}));
    const auto weights = rows[i][0].second.values<float>();
    for (int64_t from = 0; from < a; ++from) {
      const auto row = weights.subspan(static_cast<size_t>(from * b), static_cast<size_t>(b));
      EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-6);
    }
  }
}

TEST_F(AttentionRows, InteractionsAreNumberedAsInTheRecipe) {
  const auto rows = read(
      "interaction: [{kind: cross_attention, heads: 2}, {kind: resampler, heads: 2, tokens: 3, "
      "reads: own}]\n",
      {0});
  EXPECT_EQ(names(rows[0]), (std::vector<std::string>{"0.a->b", "0.b->a", "1.a->a", "1.b->b"}));
  EXPECT_EQ(rows[0][2].second.shape(), (std::vector<int64_t>{3, tokens_.at({0, 0})}));
}

TEST_F(AttentionRows, AFieldThatTheRowLacksLooksAtNothing) {
  EXPECT_TRUE(read("interaction: [{kind: cross_attention, heads: 2}]\n", {1})[0].empty());
}

ErrorCode code_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST_F(AttentionRows, RefusesAModelWithoutAndMoreThanTheLimit) {
  EXPECT_EQ(code_of([&] { read("", {0}); }), ErrorCode::kUsage);
  EXPECT_EQ(code_of([&] { read("interaction: [{kind: co_attention, heads: 2}]\n", {0, 2}, 40); }),
            ErrorCode::kLimit);
}

}  // namespace
}  // namespace braid
