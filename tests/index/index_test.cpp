#include "braid/index/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "tests/index/items.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IndexTest : public ::testing::Test {
 protected:
  std::unique_ptr<Index> make(int64_t width) {
    return create_index(scratch_ / "x.index", kTestOrigin, width);
  }
  std::unique_ptr<Index> open() { return open_index(scratch_ / "x.index"); }
  int64_t segment_files() {
    int64_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(scratch_ / "x.index")) {
      count += entry.path().filename().string().starts_with("segment-");
    }
    return count;
  }

  Scratch scratch_;
};

TEST_F(IndexTest, FindsTheWorkedExample) {
  auto index = make(2);
  const std::vector<IndexItem> items = {item_of("east", {2, 0}, 1), item_of("north", {0, 5}, 2),
                                        item_of("north-east", {3, 3}, 3), item_of("west", {-1, 0})};
  index->add(items);
  const std::vector<float> query = {10, 0};
  const auto hits = index->search(query, 3);
  EXPECT_THAT(keys_of(hits), ElementsAre("east", "north-east", "north"));
  EXPECT_FLOAT_EQ(static_cast<float>(hits[0].score), 1);
  EXPECT_NEAR(hits[1].score, std::sqrt(0.5), 1e-7);  // one rounding of a float below 1
  EXPECT_EQ(hits[2].score, 0);
  EXPECT_EQ(hits[1].metadata, "{\"n\":3}");
  EXPECT_EQ(hits[1].field, "image");
  EXPECT_EQ(hits[1].file, "north-east.png");
  EXPECT_THAT(keys_of(index->search(query, 99)),
              ElementsAre("east", "north-east", "north", "west"));
}

TEST_F(IndexTest, FindsNothingInAnEmptyIndex) {
  auto index = make(3);
  EXPECT_EQ(index->size(), 0);
  EXPECT_TRUE(index->search(std::vector<float>{1, 2, 3}, 5).empty());
  index->compact();
  index->add({});
  index->verify();
  EXPECT_EQ(index->size(), 0);
}

TEST_F(IndexTest, OrdersEqualScoresByKeyAcrossCalls) {
  auto index = make(3);
  for (const char* key : {"d", "b", "e", "a", "c"}) {
    index->add(std::vector{item_of(key, {1, 1, 1}), item_of(std::string(key) + "2", {2, 2, 2})});
  }
  const std::vector<float> query = {0.3f, 0.1f, 0.2f};
  EXPECT_THAT(keys_of(index->search(query, 4)), ElementsAre("a", "a2", "b", "b2"));
  index->compact();
  EXPECT_THAT(keys_of(index->search(query, 4)), ElementsAre("a", "a2", "b", "b2"));
}

TEST_F(IndexTest, ReplacesAnItemWithTheSameKey) {
  auto index = make(2);
  index->add(std::vector{item_of("a", {1, 0}, 1), item_of("b", {0, 1}, 1)});
  index->add(std::vector{item_of("a", {5, 5}, 2), item_of("a", {0, 1}, 3)});
  EXPECT_EQ(index->size(), 2);
  const auto hits = index->search(std::vector<float>{0, 1}, 5);
  EXPECT_THAT(keys_of(hits), ElementsAre("a", "b"));
  EXPECT_EQ(hits[0].metadata, "{\"n\":3}");
}

TEST_F(IndexTest, RemovesAndCounts) {
  auto index = make(2);
  index->add(std::vector{item_of("a", {1, 0}), item_of("b", {1, 0}), item_of("c", {1, 0})});
  EXPECT_EQ(index->remove(std::vector<std::string>{"b", "nobody", "b"}), 1);
  EXPECT_EQ(index->size(), 2);
  EXPECT_FALSE(index->contains("b"));
  EXPECT_TRUE(index->contains("c"));
  EXPECT_THAT(keys_of(index->search(std::vector<float>{1, 0}, 9)), ElementsAre("a", "c"));
  EXPECT_EQ(index->remove(std::vector<std::string>{"a", "c"}), 2);
  EXPECT_EQ(index->size(), 0);
  EXPECT_EQ(segment_files(), 0);  // a segment without items goes
}

TEST_F(IndexTest, KeepsEverythingOverReopening) {
  make(2)->add(std::vector{item_of("a", {1, 0}, 7), item_of("b", {0, 1})});
  auto index = open();
  EXPECT_EQ(index->origin().run_id, "run-1");
  EXPECT_EQ(index->origin().weights_hash, "0123");
  EXPECT_EQ(index->origin().run_path, "../runs/one");
  EXPECT_EQ(index->width(), 2);
  EXPECT_EQ(index->size(), 2);
  EXPECT_EQ(index->search(std::vector<float>{1, 0}, 1)[0].metadata, "{\"n\":7}");
  index->verify();
}

TEST_F(IndexTest, SeesWhatAnotherIndexObjectWrites) {
  auto writer = make(2);
  auto reader = open();
  writer->add(std::vector{item_of("a", {1, 0}), item_of("b", {0, 1})});
  EXPECT_EQ(reader->size(), 2);
  writer->remove(std::vector<std::string>{"a"});
  EXPECT_THAT(keys_of(reader->search(std::vector<float>{1, 0}, 5)), ElementsAre("b"));
  writer->compact();
  EXPECT_THAT(keys_of(reader->search(std::vector<float>{1, 0}, 5)), ElementsAre("b"));
}

TEST_F(IndexTest, CompactLeavesOneSegmentWithTheSameAnswers) {
  auto index = make(8);
  for (int i = 0; i < 12; ++i) {
    const auto key = std::to_string(i);
    index->add(std::vector{item_of(key, random_vector(8, i)),
                           item_of("x" + key, random_vector(8, 99 + i))});
  }
  index->remove(std::vector<std::string>{"3", "x4", "7", "x7"});
  const auto query = random_vector(8, 1234);
  const auto before = index->search(query, 50);
  index->compact();
  EXPECT_EQ(segment_files(), 1);
  const auto after = index->search(query, 50);
  ASSERT_EQ(after.size(), 20u);
  EXPECT_EQ(keys_of(after), keys_of(before));
  for (size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].score, before[i].score);
  index->verify();
}

// Random calls against a plain map; one-item adds pass the number of segments that makes them join.
TEST_F(IndexTest, AgreesWithAPlainMapAfterManyRandomCalls) {
  constexpr int64_t kWidth = 5;
  auto index = make(kWidth);
  std::map<std::string, IndexItem> model;
  Rng rng(5);
  for (uint64_t call = 0; call < 150; ++call) {
    const std::string key = "k" + std::to_string(rng.below(200));
    if (rng.chance(0.15)) {
      EXPECT_EQ(index->remove(std::vector{key}), static_cast<int64_t>(model.erase(key)));
    } else {
      model[key] = item_of(key, random_vector(kWidth, call), static_cast<int64_t>(call));
      index->add(std::vector{model[key]});
    }
  }
  ASSERT_EQ(index->size(), static_cast<int64_t>(model.size()));
  EXPECT_LE(segment_files(), 64);
  for (const auto& [key, item] : model) {
    const auto hits = index->search(item.vector, 1);
    EXPECT_EQ(hits[0].key, key);
    EXPECT_EQ(hits[0].metadata, item.metadata);
    EXPECT_NEAR(hits[0].score, 1, 1e-6);
  }
  index->verify();
}

TEST_F(IndexTest, AnswersManyQueriesAsItAnswersEach) {
  constexpr int64_t kWidth = 33, kItems = 3000, kQueries = 130;
  auto index = make(kWidth);
  std::vector<IndexItem> items;
  for (int64_t i = 0; i < kItems; ++i) {
    items.push_back(
        item_of(std::to_string(i), random_vector(kWidth, static_cast<uint64_t>(i / 2))));
  }
  index->add(items);
  std::vector<float> queries;
  for (int64_t q = 0; q < kQueries; ++q) {
    const auto query = random_vector(kWidth, static_cast<uint64_t>(90000 + q));
    queries.insert(queries.end(), query.begin(), query.end());
  }
  const auto many = index->search_many(queries, 7);
  ASSERT_EQ(many.size(), static_cast<size_t>(kQueries));
  for (size_t q = 0; q < many.size(); q += 13) {
    const auto one = index->search(std::span(queries).subspan(q * kWidth, kWidth), 7);
    EXPECT_EQ(keys_of(many[q]), keys_of(one));
    for (size_t i = 0; i < one.size(); ++i) EXPECT_EQ(many[q][i].score, one[i].score);
  }
  EXPECT_TRUE(index->search_many({}, 3).empty());
}

TEST_F(IndexTest, GivesTheSameAnswersForAnyNumberOfThreads) {
  constexpr int64_t kWidth = 700, kItems = 4000;
  std::vector<IndexItem> items;
  for (int64_t i = 0; i < kItems; ++i) {
    std::vector<float> vector(kWidth, 1);
    vector[static_cast<size_t>(i % kWidth)] = 3;
    items.push_back(item_of(std::to_string(i), std::move(vector)));
  }
  make(kWidth)->add(items);
  const auto query = random_vector(kWidth, 1);
  const auto one = open_index(scratch_ / "x.index", {1, 5000})->search(query, 40);
  const auto five = open_index(scratch_ / "x.index", {5, 5000})->search(query, 40);
  EXPECT_EQ(keys_of(one), keys_of(five));
}

TEST_F(IndexTest, RefusesBadItemsAndStaysAsItWas) {
  auto index = make(2);
  index->add(std::vector{item_of("a", {1, 0})});
  const auto add = [&](IndexItem bad) {
    return error_of([&] { index->add(std::vector{item_of("good", {0, 1}), std::move(bad)}); });
  };
  EXPECT_THAT(add(item_of("b", {1, 2, 3})),
              HasSubstr("input: add: item 'b': vector has 3 values, the index has width 2"));
  EXPECT_THAT(add(item_of("b", {})), HasSubstr("vector has 0 values"));
  EXPECT_THAT(add(item_of("b", {1, NAN})), HasSubstr("'b': vector holds NaN at position 1"));
  EXPECT_THAT(add(item_of("b", {INFINITY, 1})), HasSubstr("holds infinity at position 0"));
  EXPECT_THAT(add(item_of("b", {0, -0.0f})), HasSubstr("vector is zero"));
  EXPECT_THAT(add(item_of("", {1, 0})), HasSubstr("key is empty"));
  EXPECT_THAT(add({"b", "image", "[1]", "", {1, 0}}), HasSubstr("not a JSON object: [1]"));
  EXPECT_THAT(add({"b", "image", "{\"a\":}", "", {1, 0}}), HasSubstr("not a JSON object"));
  EXPECT_THAT(add({"b", "im\xff", "{}", "", {1, 0}}), HasSubstr("not UTF-8"));
  EXPECT_EQ(index->size(), 1);
  EXPECT_FALSE(index->contains("good"));
}

TEST_F(IndexTest, TakesVectorsOfAnyLength) {
  auto index = make(2);
  const float tiny = std::numeric_limits<float>::denorm_min(),
              huge = std::numeric_limits<float>::max();
  index->add(std::vector{item_of("tiny", {tiny, 0}), item_of("huge", {huge, huge})});
  const auto hits = index->search(std::vector<float>{huge, tiny}, 2);
  EXPECT_NEAR(hits[0].score, 1, 1e-6);
  EXPECT_NEAR(hits[1].score, std::sqrt(0.5), 1e-6);
}

TEST_F(IndexTest, RefusesBadQueries) {
  auto index = make(2);
  const auto search = [&](std::vector<float> query, int64_t k) {
    return error_of([&] { index->search(query, k); });
  };
  EXPECT_THAT(search({1}, 1), HasSubstr("input: query has 1 values, the index has width 2"));
  EXPECT_THAT(search({1, 0, 0, 1}, 1), HasSubstr("query has 4 values"));
  EXPECT_THAT(search({1, NAN}, 1), HasSubstr("query holds NaN"));
  EXPECT_THAT(search({0, 0}, 1), HasSubstr("query is zero"));
  EXPECT_THAT(search({1, 0}, 0), HasSubstr("k is 0, expected at least 1"));
  EXPECT_THAT(error_of([&] {
                index->search_many(std::vector<float>{1, 2, 3}, 1);
              }),
              HasSubstr("query has 3 values"));
}

TEST_F(IndexTest, IsMadeOnlyWhereNothingIs) {
  std::filesystem::create_directory(scratch_ / "empty");
  EXPECT_EQ(create_index((scratch_ / "empty").string() + "/", kTestOrigin, 2)->size(), 0);
  const auto make_at = [&](const std::string& name) {
    return error_of([&] { create_index(scratch_ / name, kTestOrigin, 2); });
  };
  EXPECT_THAT(make_at("empty"), HasSubstr("state: "));
  EXPECT_THAT(make_at("empty"), HasSubstr("exists and is not an empty folder"));
  std::filesystem::create_symlink("nowhere", scratch_ / "link");
  EXPECT_THAT(make_at("link"), HasSubstr("state: "));
  EXPECT_EQ(make_at("new/deep"), "no error");
  EXPECT_THAT(error_of([&] { create_index(scratch_ / "w", kTestOrigin, 0); }),
              HasSubstr("index width is 0, expected 1"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "w"));
  EXPECT_EQ(scratch_.count(), 3);  // empty, link, new: no temporary is left
}

}  // namespace
}  // namespace braid
