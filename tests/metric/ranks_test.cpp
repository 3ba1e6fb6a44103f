#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "braid/core/error.h"
#include "braid/metric/metric.h"
#include "tests/metric/embeddings.h"

namespace braid {
namespace {

using metric_test::random_unit_rows;
using metric_test::rows;
using Items = std::vector<std::vector<int64_t>>;

TEST(Ranks, CountsTheItemsThatScoreHigher) {
  // Query (1, 0) scores 0.6, 1, 0, 0.8: in order 1, 3, 0, 2.
  const auto gallery = rows(2, {0.6f, 0.8f, 1, 0, 0, 1, 0.8f, 0.6f});
  const auto query = rows(2, {1, 0, 1, 0, 1, 0, 1, 0});
  EXPECT_EQ(ranks(query, gallery, {{0}, {1}, {2}, {3}}), (std::vector<int64_t>{3, 1, 4, 2}));
}

TEST(Ranks, TakesTheBestOfSeveralTrueItemsAndSkipsTheOthers) {
  const auto gallery = rows(2, {0.6f, 0.8f, 1, 0, 0, 1, 0.8f, 0.6f});
  // 2 is last, 3 is second; 0 lies between them and does not count, nor does the doubled 3.
  EXPECT_EQ(ranks(rows(2, {1, 0}), gallery, {{2, 0, 3, 3}}), (std::vector<int64_t>{2}));
}

TEST(Ranks, CountsTiesAgainstTheTrueItem) {
  const auto gallery = rows(2, {1, 0, 1, 0, 1, 0, 0, 1});
  const auto query = rows(2, {1, 0});
  EXPECT_EQ(ranks(query, gallery, {{0}}), (std::vector<int64_t>{3}));
  EXPECT_EQ(ranks(query, gallery, {{1}}), (std::vector<int64_t>{3}));
  EXPECT_EQ(ranks(query, gallery, {{0, 2}}), (std::vector<int64_t>{2}));
  EXPECT_EQ(ranks(query, gallery, {{3}}), (std::vector<int64_t>{4}));
}

TEST(Ranks, GivesTheLastPlaceToTheTrueItemOfACollapsedSpace) {
  Array same(DType::kF32, {301, 7});
  for (float& v : same.mutable_values<float>()) v = 0.37796447f;
  Items relevant;
  for (int64_t q = 0; q < 301; ++q) relevant.push_back({q});
  for (const auto rank : ranks(same, same, relevant)) ASSERT_EQ(rank, 301);
}

// Sizes around the tiles: 4 rows, 8 columns, 256 columns a block.
TEST(Ranks, EqualsSortingAllScoresAtAnySize) {
  for (const int64_t gallery_count : {1, 7, 8, 9, 255, 256, 257, 600}) {
    for (const int64_t width : {1, 5, 32}) {
      const auto queries = random_unit_rows(13, width, 1);
      const auto gallery = random_unit_rows(gallery_count, width, 2);
      const auto q = queries.values<float>();
      const auto g = gallery.values<float>();
      Items relevant;
      std::vector<int64_t> expected;
      for (int64_t i = 0; i < 13; ++i) {
        const int64_t truth = i * 31 % gallery_count;
        std::vector<float> scores;
        for (int64_t j = 0; j < gallery_count; ++j) {
          float sum = 0;
          for (int64_t d = 0; d < width; ++d) sum += g[j * width + d] * q[i * width + d];
          scores.push_back(sum);
        }
        const float own = scores[static_cast<size_t>(truth)];
        expected.push_back(
            std::count_if(scores.begin(), scores.end(), [&](float s) { return s >= own; }));
        relevant.push_back({truth});
      }
      EXPECT_EQ(ranks(queries, gallery, relevant), expected) << gallery_count << " x " << width;
    }
  }
}

TEST(Ranks, DoesNotDependOnTheNumberOfThreads) {
  const auto queries = random_unit_rows(333, 16, 3);
  const auto gallery = random_unit_rows(500, 16, 4);
  Items relevant;
  for (int64_t q = 0; q < 333; ++q) relevant.push_back({q, q + 100});
  const auto one = ranks(queries, gallery, relevant, 1);
  EXPECT_EQ(ranks(queries, gallery, relevant, 3), one);
  EXPECT_EQ(ranks(queries, gallery, relevant, 64), one);
}

TEST(Ranks, RefusesWhatDoesNotFit) {
  const auto gallery = random_unit_rows(3, 4, 1);
  const auto code = [&](const Array& queries, const Items& relevant) {
    try {
      ranks(queries, gallery, relevant);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  const auto query = random_unit_rows(1, 4, 2);
  EXPECT_EQ(code(query, {{}}), ErrorCode::kInput);
  EXPECT_EQ(code(query, {{3}}), ErrorCode::kInput);
  EXPECT_EQ(code(query, {{0, -1}}), ErrorCode::kInput);
  EXPECT_EQ(code(query, {{0}, {1}}), ErrorCode::kShape);
  EXPECT_EQ(code(random_unit_rows(1, 5, 2), {{0}}), ErrorCode::kShape);
  EXPECT_EQ(code(Array(DType::kF64, {1, 4}), {{0}}), ErrorCode::kShape);
  EXPECT_EQ(code(Array(DType::kF32, {4}), {{0}}), ErrorCode::kShape);
  EXPECT_EQ(code(rows(4, {0, std::numeric_limits<float>::quiet_NaN(), 0, 0}), {{0}}),
            ErrorCode::kInput);
}

}  // namespace
}  // namespace braid
