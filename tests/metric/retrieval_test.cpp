#include <gtest/gtest.h>

#include <numeric>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/metric/metric.h"

namespace braid {
namespace {

std::vector<int64_t> own_groups(size_t n) {
  std::vector<int64_t> group(n);
  std::iota(group.begin(), group.end(), int64_t{0});
  return group;
}

// Ranks 1 .. 40, low ones more often.
std::vector<int64_t> some_ranks(size_t n, uint64_t seed) {
  Rng rng(seed);
  std::vector<int64_t> ranks;
  for (size_t i = 0; i < n; ++i) {
    ranks.push_back(1 + static_cast<int64_t>(40 * rng.uniform() * rng.uniform()));
  }
  return ranks;
}

TEST(RetrievalMetrics, EqualsTheHandWorkedValues) {
  const auto metrics = retrieval_metrics({1, 3, 7, 20}, own_groups(4), {});
  ASSERT_EQ(metrics.size(), 5u);
  EXPECT_EQ(metrics[0].name, "recall@1");
  EXPECT_DOUBLE_EQ(metrics[0].value, 0.25);
  EXPECT_EQ(metrics[1].name, "recall@5");
  EXPECT_DOUBLE_EQ(metrics[1].value, 0.5);
  EXPECT_EQ(metrics[2].name, "recall@10");
  EXPECT_DOUBLE_EQ(metrics[2].value, 0.75);
  EXPECT_EQ(metrics[3].name, "median_rank");
  EXPECT_DOUBLE_EQ(metrics[3].value, 5.0);  // between 3 and 7
  EXPECT_EQ(metrics[4].name, "mrr");
  EXPECT_DOUBLE_EQ(metrics[4].value, (1 + 1.0 / 3 + 1.0 / 7 + 1.0 / 20) / 4);
  EXPECT_DOUBLE_EQ(retrieval_metrics({9, 2, 4}, own_groups(3), {})[3].value, 4.0);
}

TEST(RetrievalMetrics, CopiesTheProtocolAndCountsTheQueries) {
  Metric protocol;
  protocol.direction = "text->image";
  protocol.language = "zh";
  protocol.gallery = 185;
  for (const auto& m : retrieval_metrics({1, 2}, {0, 0}, protocol)) {
    EXPECT_EQ(m.direction, "text->image");
    EXPECT_EQ(m.language, "zh");
    EXPECT_EQ(m.gallery, 185);
    EXPECT_EQ(m.n, 2);
  }
}

TEST(RetrievalMetrics, HasTheIntervalOfTheBinomialForRecall) {
  // 120 of 400 found: sd of the mean sqrt(.3 * .7 / 400) = 0.0229, so 0.3 -+ 1.96 sd.
  std::vector<int64_t> ranks(400, 50);
  std::fill_n(ranks.begin(), 120, 1);
  const auto recall = retrieval_metrics(ranks, own_groups(400), {})[0];
  // The ends of 1000 resamples have a standard error of about 0.0017: three of them, and the step.
  EXPECT_NEAR(recall.low, 0.3 - 1.96 * 0.0229, 0.0075);
  EXPECT_NEAR(recall.high, 0.3 + 1.96 * 0.0229, 0.0075);
}

TEST(RetrievalMetrics, IntervalContainsTheValueAndShrinksWithMoreQueries) {
  std::vector<double> last(5, 1e9);
  for (const size_t n : {30u, 300u, 3000u}) {
    const auto metrics = retrieval_metrics(some_ranks(n, 5), own_groups(n), {});
    for (size_t i = 0; i < metrics.size(); ++i) {
      const auto& m = metrics[i];
      EXPECT_LE(m.low, m.value) << m.name;
      EXPECT_GE(m.high, m.value) << m.name;
      EXPECT_LT(m.high - m.low, last[i]) << m.name << " at n " << n;
      last[i] = m.high - m.low;
    }
  }
  for (uint64_t seed = 0; seed < 20; ++seed) {  // small and skewed
    for (const auto& m : retrieval_metrics(some_ranks(3, seed), own_groups(3), {})) {
      EXPECT_LE(m.low, m.value);
      EXPECT_GE(m.high, m.value);
    }
  }
}

TEST(RetrievalMetrics, ResamplesTheCaptionsOfOneItemTogether) {
  // Five equal captions an item are one observation: the interval of 60 items, not of 300 texts.
  const auto per_item = some_ranks(60, 9);
  std::vector<int64_t> ranks, group;
  for (size_t i = 0; i < per_item.size(); ++i) {
    ranks.insert(ranks.end(), 5, per_item[i]);
    group.insert(group.end(), 5, 1000 - static_cast<int64_t>(i));
  }
  const auto items = retrieval_metrics(per_item, own_groups(60), {});
  const auto texts = retrieval_metrics(ranks, group, {});
  for (size_t i = 0; i < items.size(); ++i) {
    EXPECT_NEAR(texts[i].value, items[i].value, 1e-12);
    EXPECT_NEAR(texts[i].low, items[i].low, 1e-12);
    EXPECT_NEAR(texts[i].high, items[i].high, 1e-12);
  }
}

TEST(RetrievalMetrics, HasNoWidthForASingleGroup) {
  for (const auto& m : retrieval_metrics({1, 8, 30}, {4, 4, 4}, {})) {
    EXPECT_DOUBLE_EQ(m.low, m.value);
    EXPECT_DOUBLE_EQ(m.high, m.value);
  }
}

TEST(RetrievalMetrics, RepeatsForTheSameSeedOnly) {
  const auto ranks = some_ranks(200, 1);
  Metric protocol;
  const auto a = retrieval_metrics(ranks, own_groups(200), protocol)[4];
  const auto b = retrieval_metrics(ranks, own_groups(200), protocol)[4];
  protocol.seed = 1;
  const auto c = retrieval_metrics(ranks, own_groups(200), protocol)[4];
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_EQ(a.value, c.value);
  EXPECT_NE(a.low, c.low);
}

TEST(RetrievalMetrics, RefusesNoQueriesWrongGroupsAndRankZero) {
  EXPECT_THROW(retrieval_metrics({}, {}, {}), Error);
  EXPECT_THROW(retrieval_metrics({1, 2}, {0}, {}), Error);
  EXPECT_THROW(retrieval_metrics({1, 0}, {0, 1}, {}), Error);
}

}  // namespace
}  // namespace braid
