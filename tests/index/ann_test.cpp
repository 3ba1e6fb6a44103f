// Graphs and clusters: what they find beside what an exact search finds, and that they stay with
// their segment.
#include "braid/index/ann.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/index/filter.h"
#include "tests/index/items.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kAnnWidth = 24;
const IndexOptions kTwoThreads{2, 5000};

// Around one of 40 centres, as embeddings of a collection lie.
std::vector<float> clustered_vector(int64_t number) {
  auto vector = random_vector(kAnnWidth, 1000 + static_cast<uint64_t>(number % 40));
  const auto noise = random_vector(kAnnWidth, 5000 + static_cast<uint64_t>(number));
  for (size_t d = 0; d < vector.size(); ++d) vector[d] += 0.5f * noise[d];
  return vector;
}

std::vector<IndexItem> clustered_items(int64_t first, int64_t count) {
  std::vector<IndexItem> items;
  for (int64_t n = first; n < first + count; ++n) {
    items.push_back(item_of("k" + std::to_string(n), clustered_vector(n), n));
  }
  return items;
}

class AnnIndex : public ::testing::TestWithParam<const char*> {
 protected:
  AnnIndex() { index_->add(clustered_items(0, 2000)); }

  IndexKind kind() const { return index_kind(GetParam()); }
  void build() { index_->build(kind()); }

  // Mean recall@10 over questions near the items, against the exact answer.
  double recall(const std::string& where = "", int64_t k = 10) {
    double sum = 0;
    constexpr int64_t kAsked = 50;
    for (int64_t q = 0; q < kAsked; ++q) {
      const auto query = clustered_vector(100'000 + q);
      const auto truth = keys_of(index_->search(query, {k, where, true}));
      const auto found = keys_of(index_->search(query, {k, where, false}));
      EXPECT_EQ(found.size(), truth.size());
      const std::set<std::string> right(truth.begin(), truth.end());
      int64_t hits = 0;
      for (const auto& key : found) hits += right.count(key);
      sum += truth.empty() ? 1 : static_cast<double>(hits) / static_cast<double>(truth.size());
    }
    return sum / kAsked;
  }
  std::filesystem::path ann_file() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() == ".ann") return entry.path();
    }
    return {};
  }

  Scratch scratch_;
  std::filesystem::path folder_ = scratch_ / "x.index";
  std::unique_ptr<Index> index_ = create_index(folder_, kTestOrigin, kAnnWidth, kTwoThreads);
};

TEST_P(AnnIndex, FindsNearlyAllThatAnExactSearchFindsWithTheSameScores) {
  build();
  const auto info = index_->info();
  EXPECT_EQ(info.kind, kind());
  EXPECT_EQ(info.segments, 1);
  EXPECT_EQ(info.loose_rows, 0);
  EXPECT_GE(info.recall, 0.9);
  EXPECT_LE(info.recall, 1);
  EXPECT_GE(recall(), 0.98);
  const auto query = clustered_vector(7);
  const auto exact = index_->search(query, {1, "", true}), near = index_->search(query, 1);
  ASSERT_EQ(near[0].key, "k7");
  EXPECT_EQ(near[0].score, exact[0].score);  // to the bit
}

TEST_P(AnnIndex, FindsAnItemByItsOwnVector) {
  build();
  for (int64_t n = 0; n < 2000; n += 37) {
    EXPECT_EQ(index_->search(clustered_vector(n), 1)[0].key, "k" + std::to_string(n));
  }
}

TEST_P(AnnIndex, KeepsToTheFilter) {
  build();
  for (const char* where : {"n < 1000", "n < 200", "n < 20", "n = 7", "n < 0"}) {
    EXPECT_GE(recall(where), 0.97) << where;
    for (const auto& hit : index_->search(clustered_vector(3), {10, where, false})) {
      EXPECT_TRUE(Filter(where).matches(nlohmann::json::parse(hit.metadata))) << hit.key;
    }
  }
}

TEST_P(AnnIndex, NeverGivesWhatWasRemovedAndAlwaysWhatWasAdded) {
  build();
  std::vector<std::string> gone;
  for (int64_t n = 0; n < 2000; n += 2) gone.push_back("k" + std::to_string(n));
  index_->remove(gone);
  index_->add(clustered_items(2000, 30));
  const std::set<std::string> removed(gone.begin(), gone.end());
  for (int64_t n = 0; n < 2030; n += 9) {
    const auto hits = index_->search(clustered_vector(n), 10);
    ASSERT_EQ(hits.size(), 10u);
    for (const auto& hit : hits) EXPECT_EQ(removed.count(hit.key), 0u) << hit.key;
    if (n >= 2000 || n % 2 == 1) {
      EXPECT_EQ(hits[0].key, "k" + std::to_string(n));
    }
  }
  EXPECT_GE(recall(), 0.98);
  // Whatever is asked for, no more than there is.
  EXPECT_EQ(index_->search(clustered_vector(1), 5000).size(), 1030u);
  gone.clear();
  for (int64_t n = 1; n < 2030; ++n) gone.push_back("k" + std::to_string(n));
  index_->remove(gone);
  EXPECT_TRUE(index_->search(clustered_vector(1), 10).empty());
}

TEST_P(AnnIndex, BringsManyLooseRowsUnderAGraphOfTheirOwn) {
  build();
  EXPECT_FALSE(index_->refresh());
  index_->add(clustered_items(2000, 600));
  EXPECT_FALSE(index_->refresh());  // few: they are compared one by one
  EXPECT_EQ(index_->info().loose_rows, 600);
  index_->add(clustered_items(2600, 1500));
  EXPECT_TRUE(index_->refresh());
  EXPECT_EQ(index_->info().loose_rows, 0);
  EXPECT_EQ(index_->info().segments, 1);  // 2100 beside 2000: all anew
  index_->add(clustered_items(4100, 1000));
  EXPECT_TRUE(index_->refresh());
  EXPECT_EQ(index_->info().segments, 2);  // 1000 beside 4100: of their own
  EXPECT_GE(recall(), 0.98);
  index_->verify();
  index_->compact();
  EXPECT_EQ(index_->info().segments, 1);
  EXPECT_EQ(index_->info().kind, kind());
  index_->verify();
}

TEST_P(AnnIndex, GivesItsStructureUpForAnExactOne) {
  build();
  EXPECT_FALSE(ann_file().empty());
  index_->build(IndexKind::kExact);
  EXPECT_TRUE(ann_file().empty());
  EXPECT_EQ(index_->info().recall, 1);
  EXPECT_EQ(index_->info().kind, IndexKind::kExact);
  EXPECT_EQ(open_index(folder_)->search(clustered_vector(7), 1)[0].key, "k7");
}

TEST_P(AnnIndex, TellsOfAMissingOrDamagedStructureAndMendsIt) {
  build();
  const auto file = ann_file();
  const std::string whole = read_text(file);
  const auto query = clustered_vector(7);
  const auto search = [&](bool exact) {
    return error_of([&] { open_index(folder_)->search(query, {5, "", exact}); });
  };
  std::string flipped = whole;
  flipped[flipped.size() / 2] ^= 1;
  for (const auto& content : {flipped, whole.substr(0, whole.size() / 2), std::string()}) {
    write_atomic(file, content);
    EXPECT_THAT(search(false), AllOf(HasSubstr("input: "), HasSubstr(".ann"),
                                     HasSubstr("--compact"), HasSubstr("--exact")));
    EXPECT_THAT(error_of([&] { open_index(folder_)->verify(); }), HasSubstr(".ann"));
    EXPECT_EQ(search(true), "no error");
  }
  std::filesystem::remove(file);
  EXPECT_THAT(search(false), AllOf(HasSubstr("input: "), HasSubstr("missing")));
  auto again = open_index(folder_, kTwoThreads);
  again->compact();
  again->verify();
  EXPECT_EQ(search(false), "no error");
}

TEST_P(AnnIndex, IsNotBuiltOverFewRows) {
  const auto folder = scratch_ / "few.index";
  auto index = create_index(folder, kTestOrigin, kAnnWidth, kTwoThreads);
  index->build(kind());  // of nothing: the kind is kept
  EXPECT_TRUE(index->search(clustered_vector(1), 3).empty());
  index->add(clustered_items(0, 50));
  EXPECT_FALSE(index->refresh());
  EXPECT_EQ(index->search(clustered_vector(1), 3)[0].key, "k1");
  index->add(clustered_items(50, 1000));
  EXPECT_TRUE(index->refresh());
  EXPECT_EQ(index->info().loose_rows, 0);
  EXPECT_EQ(index->info().kind, kind());
}

TEST_P(AnnIndex, AnswersManyQueriesAsItAnswersEach) {
  build();
  std::vector<float> queries;
  for (int64_t q = 0; q < 40; ++q) {
    const auto query = clustered_vector(200'000 + q);
    queries.insert(queries.end(), query.begin(), query.end());
  }
  const auto all = index_->search_many(queries, 7);
  ASSERT_EQ(all.size(), 40u);
  for (size_t q = 0; q < all.size(); ++q) {
    const std::span<const float> one(queries.data() + q * kAnnWidth, kAnnWidth);
    EXPECT_EQ(keys_of(index_->search(one, 7)), keys_of(all[q]));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, AnnIndex, ::testing::Values("hnsw", "ivf"));

TEST(IndexKindName, IsReadAndCorrected) {
  EXPECT_EQ(index_kind("ivf"), IndexKind::kIvf);
  EXPECT_STREQ(index_kind_name(IndexKind::kHnsw), "hnsw");
  EXPECT_THAT(error_of([] { index_kind("hsnw"); }),
              HasSubstr("usage: no index kind 'hsnw' (did you mean 'hnsw'?)"));
}

// Every value of what is stored, bent: an Error or an Ann that stays inside its rows.
TEST(LoadAnn, RefusesWhatPointsOutside) {
  std::vector<float> vectors;
  for (int64_t n = 0; n < 60; ++n) {
    const auto vector = clustered_vector(n);
    vectors.insert(vectors.end(), vector.begin(), vector.end());
  }
  const AnnRows rows{vectors.data(), 60, kAnnWidth};
  for (const auto kind : {IndexKind::kHnsw, IndexKind::kIvf}) {
    const auto whole = build_ann(kind, rows, 1)->store();
    EXPECT_EQ(load_ann(kind, whole, rows)->near(rows.row(5), 3, 60).empty(), false);
    int64_t refused = 0;
    for (size_t t = 0; t < whole.tensors.size(); ++t) {
      auto lacking = whole;
      lacking.tensors.erase(lacking.tensors.begin() + static_cast<int64_t>(t));
      EXPECT_THAT(error_of([&] { load_ann(kind, lacking, rows); }), HasSubstr("input: no "));
      for (int64_t i = 0; i < std::min<int64_t>(whole.tensors[t].second.count(), 200); ++i) {
        auto bent = whole;
        auto& array = bent.tensors[t].second;
        Array copy(array.dtype(), array.shape());
        std::copy_n(array.bytes(), array.byte_size(), copy.mutable_bytes());
        const size_t size = dtype_size(array.dtype());
        copy.mutable_bytes()[static_cast<size_t>(i) * size + 1] = std::byte{0x7f};
        array = copy;
        try {
          for (const int64_t row : load_ann(kind, bent, rows)->near(rows.row(5), 3, 60)) {
            ASSERT_TRUE(row >= 0 && row < 60);
          }
        } catch (const Error& error) {
          ASSERT_EQ(error.code(), ErrorCode::kInput);
          ++refused;
        }
      }
    }
    EXPECT_GT(refused, 50);
    EXPECT_THAT(error_of([&] {
                  load_ann(kind, whole, {vectors.data(), 59, kAnnWidth});
                }),
                HasSubstr("input: "));
  }
}

}  // namespace
}  // namespace braid
