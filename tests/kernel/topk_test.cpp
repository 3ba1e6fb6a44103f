#include "braid/kernel/topk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "simd_targets.h"

namespace braid {
namespace {

using ::testing::ElementsAre;

std::vector<int64_t> rows_of(const std::vector<TopkHit>& hits) {
  std::vector<int64_t> rows;
  for (const auto& hit : hits) rows.push_back(hit.row);
  return rows;
}

std::vector<float> normal_values(int64_t count, uint64_t seed) {
  std::vector<float> values;
  Rng rng(seed);
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(rng.normal()));
  return values;
}

TEST(Topk, GivesTheWorkedExample) {
  const std::vector<float> rows = {1, 0, 0, 1, 3, 4, -1, 2};  // four rows of width 2
  const std::vector<float> queries = {2, 1, 0, -1};
  on_every_simd([&] {
    // Scores: 2 1 10 0 and 0 -1 -4 -2.
    const auto hits = topk(queries.data(), 2, {rows.data(), 4, 2}, 3);
    EXPECT_THAT(rows_of(hits[0]), ElementsAre(2, 0, 1));
    EXPECT_THAT(rows_of(hits[1]), ElementsAre(0, 1, 3));
    EXPECT_EQ(hits[0][0].score, 10);
    EXPECT_EQ(hits[1][2].score, -2);
  });
}

TEST(Topk, AgreesWithTheReferenceForOddSizes) {
  on_every_simd([&] {
    for (int64_t width : {1, 3, 15, 16, 17, 64, 127, 512, 9000}) {
      for (int64_t count : {1, 4, 7, 300}) {
        const auto values = normal_values(width * count, 1), queries = normal_values(width * 3, 2);
        const TopkRows rows{values.data(), count, width};
        const auto got = topk(queries.data(), 3, rows, 5);
        const auto wanted = topk_ref(queries.data(), 3, rows, 5);
        ASSERT_EQ(got.size(), 3u);
        for (size_t q = 0; q < 3; ++q) {
          ASSERT_EQ(got[q].size(), wanted[q].size());
          for (size_t i = 0; i < got[q].size(); ++i) {
            // Float sums err by about eps * sqrt(width) times the sum of squares; five times that.
            const double tolerance = 5 * 6e-8 * std::sqrt(width) * std::sqrt(width);
            EXPECT_NEAR(got[q][i].score, wanted[q][i].score, tolerance + 1e-6);
            EXPECT_EQ(got[q][i].row, wanted[q][i].row) << "width " << width << ", row " << i;
          }
        }
      }
    }
  });
}

TEST(Topk, GivesEqualRowsEqualScoresWhereverTheyLie) {
  constexpr int64_t kWidth = 77, kCount = 1031;
  const auto row = normal_values(kWidth, 3), query = normal_values(kWidth, 4);
  std::vector<float> values;
  for (int64_t n = 0; n < kCount; ++n) values.insert(values.end(), row.begin(), row.end());
  on_every_simd([&] {
    const auto hits = topk(query.data(), 1, {values.data(), kCount, kWidth}, kCount)[0];
    ASSERT_EQ(hits.size(), static_cast<size_t>(kCount));
    for (int64_t n = 0; n < kCount; ++n) {
      EXPECT_EQ(hits[static_cast<size_t>(n)].row, n);
      EXPECT_EQ(hits[static_cast<size_t>(n)].score, hits[0].score);
    }
  });
}

TEST(Topk, SkipsRemovedRows) {
  const std::vector<float> rows = {5, 4, 3, 2, 1};
  const std::vector<uint8_t> live = {0, 1, 0, 1, 1};
  const float query = 1;
  EXPECT_THAT(rows_of(topk(&query, 1, {rows.data(), 5, 1, live.data()}, 2)[0]), ElementsAre(1, 3));
  EXPECT_THAT(rows_of(topk_ref(&query, 1, {rows.data(), 5, 1, live.data()}, 2)[0]),
              ElementsAre(1, 3));
}

TEST(Topk, GivesAllRowsWhenFewerThanK) {
  const std::vector<float> rows = {1, 2};
  const float query = 1;
  EXPECT_THAT(rows_of(topk(&query, 1, {rows.data(), 2, 1}, INT64_MAX)[0]), ElementsAre(1, 0));
}

TEST(Topk, GivesNothingForNothing) {
  const float query = 1;
  EXPECT_THAT(topk(&query, 1, {nullptr, 0, 1}, 3), ElementsAre(ElementsAre()));
  EXPECT_THAT(topk(&query, 1, {&query, 1, 1}, 0), ElementsAre(ElementsAre()));
  EXPECT_TRUE(topk(&query, 0, {&query, 1, 1}, 3).empty());
}

TEST(Topk, NeverFindsNan) {
  const std::vector<float> rows = {1, std::numeric_limits<float>::quiet_NaN(), 2};
  const float query = 1;
  on_every_simd([&] {
    EXPECT_THAT(rows_of(topk(&query, 1, {rows.data(), 3, 1}, 3)[0]), ElementsAre(2, 0));
  });
}

}  // namespace
}  // namespace braid
