#include "braid/task/match_pairs.h"

#include <gtest/gtest.h>

#include <map>

namespace braid {
namespace {

std::map<std::pair<int64_t, int64_t>, int64_t> counts(const MatchPairs& pairs) {
  std::map<std::pair<int64_t, int64_t>, int64_t> count;
  for (size_t i = 0; i < pairs.truth.size(); ++i) ++count[{pairs.a[i], pairs.b[i]}];
  return count;
}

TEST(MatchPairs, AreEveryTruePairAndAFalseOneForEachSide) {
  at::manual_seed(1);
  const auto x = at::randn({4, 3});
  const auto pairs = draw_match_pairs(x, x, {1, 2, 3, 4}, {5, 6, 7, 8}, true);
  ASSERT_EQ(pairs.truth.size(), 12u);
  for (size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(pairs.truth[i], i < 4) << i;
    EXPECT_EQ(pairs.a[i] == pairs.b[i], i < 4) << i;
    if (i >= 4 && i < 8) {
      EXPECT_EQ(pairs.a[i], static_cast<int64_t>(i) - 4);
    }
    if (i >= 8) {
      EXPECT_EQ(pairs.b[i], static_cast<int64_t>(i) - 8);
    }
  }
}

TEST(MatchPairs, AgreeingInAValueIsNoFalsePair) {
  const auto x = at::eye(3);
  // 0 and 1 share a value of b: for 0 and 1 only 2 is another.
  const auto pairs = draw_match_pairs(x, x, {1, 2, 3}, {5, 5, 7}, false);
  for (const auto& [pair, times] : counts(pairs)) {
    EXPECT_FALSE(pair.first + pair.second == 1) << pair.first << pair.second;  // 0 with 1
  }
  ASSERT_EQ(pairs.truth.size(), 9u);
  // All alike: true pairs alone.
  EXPECT_EQ(draw_match_pairs(x, x, {1, 1, 1}, {5, 6, 7}, true).truth.size(), 3u);
}

TEST(MatchPairs, HardOnesAreTheSimilarOnes) {
  at::manual_seed(2);
  // b of 1 lies near a of 0, b of 2 opposite: exp((1 - -1) / 0.1) times as likely.
  const auto a = at::tensor({1.0f, 0.0f, 0.0f, 1.0f, 0.0f, 1.0f}).view({3, 2});
  const auto b = at::tensor({0.0f, 1.0f, 1.0f, 0.0f, -1.0f, 0.0f}).view({3, 2});
  int64_t near = 0;
  for (int i = 0; i < 50; ++i) near += draw_match_pairs(a, b, {1, 2, 3}, {4, 5, 6}, true).b[3] == 1;
  EXPECT_EQ(near, 50);
  near = 0;
  for (int i = 0; i < 50; ++i)
    near += draw_match_pairs(a, b, {1, 2, 3}, {4, 5, 6}, false).b[3] == 1;
  EXPECT_GT(near, 10);
  EXPECT_LT(near, 40);
}

TEST(MatchPairs, AreDrawnFromTheGenerator) {
  const auto x = at::randn({6, 3});
  const std::vector<uint64_t> a = {1, 2, 3, 4, 5, 6}, b = {11, 12, 13, 14, 15, 16};
  const auto draw = [&](uint64_t seed) {
    at::manual_seed(seed);
    return counts(draw_match_pairs(x, x, a, b, false));
  };
  EXPECT_EQ(draw(3), draw(3));
  EXPECT_NE(draw(3), draw(4));
}

TEST(FalsePartner, IsTheNextThatDiffersInBothValues) {
  EXPECT_EQ(next_false_partner({1, 1, 2}, {5, 6, 7}), (std::vector<int64_t>{2, 2, 0}));
  EXPECT_EQ(next_false_partner({1, 2, 3}, {5, 5, 7}), (std::vector<int64_t>{2, 2, 0}));
  EXPECT_EQ(next_false_partner({1}, {5}), (std::vector<int64_t>{-1}));
  EXPECT_EQ(next_false_partner({1, 1}, {5, 6}), (std::vector<int64_t>{-1, -1}));
}

}  // namespace
}  // namespace braid
