#include "braid/train/hard_negatives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "braid/task/embed.h"
#include "braid/task/tensor.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;
using testing::HasSubstr;

class HardNegativesTest : public testing::Test {
 protected:
  void open(const std::string& negatives, const std::string& manifest = test::tiny_manifest()) {
    world_ = std::make_unique<TinyWorld>(folder_.path(),
                                         "alignment: [{between: [a, b]}]\ntrain: {batch: 4, "
                                         "hard_negatives: {" +
                                             negatives + "}}\n",
                                         manifest);
    negatives_ = make();
  }
  std::unique_ptr<HardNegatives> make() const {
    return std::make_unique<HardNegatives>(world_->recipe, *world_->data, world_->data->rows(""),
                                           world_->pointers());
  }
  std::vector<int64_t> arranged(std::vector<int64_t> order) const {
    negatives_->arrange(order);
    return order;
  }
  // A table as if mined: `lines` of `count` neighbours, rows 0, 1, ...
  void set_table(const std::vector<int64_t>& values, int64_t count) {
    Array table(DType::kI64, {static_cast<int64_t>(values.size()) / count, count});
    std::copy(values.begin(), values.end(), table.mutable_values<int64_t>().begin());
    TensorFile file;
    file.tensors.emplace_back("neighbours", std::move(table));
    negatives_->load(file, 1, "here");
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  std::unique_ptr<HardNegatives> negatives_;
};

constexpr const char* kEight = R"({"en": "one", "de": "eins", "fr": "un"}
{"en": "two", "de": "zwei", "fr": "deux"}
{"en": "three", "de": "drei", "fr": "trois"}
{"en": "four", "de": "vier", "fr": "quatre"}
{"en": "five", "de": "fuenf", "fr": "cinq"}
{"en": "six", "de": "sechs", "fr": "six"}
{"en": "seven", "de": "sieben", "fr": "sept"}
{"en": "eight", "de": "acht", "fr": "huit"}
)";

TEST_F(HardNegativesTest, PutsNeighboursBehindTheirRowAndEachRowOnce) {
  open("every: 1, count: 2", kEight);
  set_table({5, 6, /**/ 0, 7, /**/ 4, -1, /**/ 1, 0, /**/ 2, 3, /**/ 0, 6, /**/ 5, 0, /**/ 3, 2},
            2);
  // 0 brings 5, 6; 1 begins with one place left in the batch of four, which 1 itself takes; 2
  // brings 4; 3 has both neighbours placed; 7 is left.
  EXPECT_EQ(arranged({0, 1, 2, 3, 4, 5, 6, 7}), (std::vector<int64_t>{0, 5, 6, 1, 2, 4, 3, 7}));
}

TEST_F(HardNegativesTest, LeavesTheOrderAloneBeforeAnythingIsMined) {
  open("every: 1", kEight);
  EXPECT_EQ(arranged({3, 1, 2, 0}), (std::vector<int64_t>{3, 1, 2, 0}));
  EXPECT_TRUE(negatives_->state().tensors.empty());
}

TEST_F(HardNegativesTest, IsDueEveryFewEpochsButNotBeforeTheFirst) {
  open("every: 3");
  std::vector<int64_t> due;
  for (int64_t epoch = 0; epoch < 10; ++epoch) {
    if (negatives_->due(epoch)) due.push_back(epoch);
  }
  EXPECT_EQ(due, (std::vector<int64_t>{3, 6, 9}));
}

// What the table says is what a search through all cosines says.
TEST_F(HardNegativesTest, FindsTheNearestRowsOfTheOtherField) {
  open("every: 1, count: 2, skip: 1");
  const auto model = world_->model();
  const double cosine = negatives_->mine(*model);
  const auto embed = [&](size_t field) {
    std::vector<Value> values;
    for (const int64_t row : world_->data->rows(""))
      values.push_back(world_->data->values(row, field, 0).at(0));
    return to_tensor(embed_values(*model, field, *world_->modalities[field], values, {}).vectors);
  };
  auto scores = embed(0).matmul(embed(1).t());
  scores.fill_diagonal_(-9);
  const auto [best, where] = scores.topk(3, 1);
  const auto table = to_tensor(*negatives_->state().find("neighbours"));
  EXPECT_TRUE(at::equal(table, where.narrow(1, 1, 2)));
  EXPECT_NEAR(cosine, best.narrow(1, 1, 2).mean().item<double>(), 1e-5);
}

TEST_F(HardNegativesTest, PassesOverRowsThatHoldTheSameValue) {
  open("every: 1, count: 2", R"({"en": "red", "de": "rot", "fr": "rouge"}
{"en": "ruby", "de": "rot", "fr": "rubis"}
{"en": "blue", "de": "blau", "fr": "bleu"}
{"en": "green", "de": "gruen", "fr": "vert"}
)");
  negatives_->mine(*world_->model());
  const auto file = negatives_->state();
  const auto table = file.find("neighbours")->values<int64_t>();
  for (const int64_t row : {0, 1}) {
    EXPECT_THAT((std::vector<int64_t>{table[2 * row], table[2 * row + 1]}),
                testing::UnorderedElementsAre(2, 3));
  }
}

TEST_F(HardNegativesTest, RowsWithoutAValueHaveNoNeighboursAndAreNone) {
  open("every: 1, count: 3", R"({"en": "red", "de": "rot"}
{"en": "sky"}
{"en": "blue", "de": "blau"}
{"en": "green", "fr": "vert"}
)");
  negatives_->mine(*world_->model());
  const auto file = negatives_->state();
  const auto table = file.find("neighbours")->values<int64_t>();
  EXPECT_THAT((std::vector<int64_t>{table[0], table[1]}), testing::UnorderedElementsAre(2, 3));
  EXPECT_EQ(table[2], -1);
  auto order = arranged({1, 3, 0, 2});
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, (std::vector<int64_t>{0, 1, 2, 3}));
}

TEST_F(HardNegativesTest, GoesOnFromItsState) {
  open("every: 1, count: 3");
  negatives_->mine(*world_->model());
  const auto resumed = make();
  resumed->load(negatives_->state(), 1, "here");
  std::vector<int64_t> order(64), same(64);
  std::iota(order.rbegin(), order.rend(), 0);
  same = order;
  negatives_->arrange(order);
  resumed->arrange(same);
  EXPECT_EQ(order, same);
}

TEST_F(HardNegativesTest, RefusesAStateOfSomethingElse) {
  open("every: 2, count: 2", kEight);
  EXPECT_NO_THROW(negatives_->load({}, 1, "here"));  // not mined yet
  EXPECT_EQ(error_of([&] { negatives_->load({}, 2, "here"); }),
            "state: here: mined neighbours are missing or of another shape, expected 8 rows of 2");
  open("every: 1, count: 1", kEight);
  EXPECT_THAT(error_of([&] {
                set_table({1, 2, 3, 4, 5, 6, 7, 8}, 1);
              }),
              HasSubstr("mined neighbours name row 8, which is not trained on"));
}

TEST_F(HardNegativesTest, ComparesTheFieldsThatTheRecipeNames) {
  open("every: 1, between: [b, a]");
  EXPECT_NO_THROW(negatives_->mine(*world_->model()));
  EXPECT_THAT(error_of([&] { open("every: 1, between: [a, c]"); }), HasSubstr("no field 'c'"));
  EXPECT_THAT(error_of([&] { open("every: 1, between: [a]"); }), HasSubstr("expected two fields"));
}

}  // namespace
}  // namespace braid
