#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "braid/core/error.h"
#include "braid/metric/bootstrap.h"
#include "braid/metric/metric.h"

namespace braid {
namespace {

constexpr std::array<int64_t, 3> kCutoffs = {1, 5, 10};
constexpr std::array<const char*, 5> kNames = {"recall@1", "recall@5", "recall@10", "median_rank",
                                               "mrr"};

// The statistics of kNames, for ranks that count `times[q]` times each.
class RankStatistics {
 public:
  explicit RankStatistics(const std::vector<int64_t>& ranks) : ranks_(ranks), order_(ranks.size()) {
    std::iota(order_.begin(), order_.end(), size_t{0});
    std::sort(order_.begin(), order_.end(),
              [&](size_t a, size_t b) { return ranks_[a] < ranks_[b]; });
  }

  std::vector<double> operator()(std::span<const int32_t> times) const {
    std::array<int64_t, kCutoffs.size()> found{};
    int64_t total = 0;
    double reciprocal = 0;
    for (size_t q = 0; q < ranks_.size(); ++q) {
      total += times[q];
      for (size_t k = 0; k < kCutoffs.size(); ++k) {
        if (ranks_[q] <= kCutoffs[k]) found[k] += times[q];
      }
      reciprocal += static_cast<double>(times[q]) / static_cast<double>(ranks_[q]);
    }
    const auto n = static_cast<double>(total);
    std::vector<double> values;
    for (const int64_t f : found) values.push_back(static_cast<double>(f) / n);
    values.push_back((nth(times, (total - 1) / 2) + nth(times, total / 2)) / 2);
    values.push_back(reciprocal / n);
    return values;
  }

 private:
  // The rank at place n, from 0, of the sorted resample.
  double nth(std::span<const int32_t> times, int64_t n) const {
    for (const size_t q : order_) {
      if ((n -= times[q]) < 0) return static_cast<double>(ranks_[q]);
    }
    return static_cast<double>(ranks_[order_.back()]);
  }

  const std::vector<int64_t>& ranks_;
  std::vector<size_t> order_;  // queries by rank
};

void check_ranks(const std::vector<int64_t>& ranks, const std::vector<int64_t>& group) {
  if (ranks.empty()) throw Error(ErrorCode::kInput, "retrieval metrics: no query to judge");
  if (ranks.size() != group.size()) {
    throw Error(ErrorCode::kShape, "retrieval metrics: expected a group for each of " +
                                       std::to_string(ranks.size()) + " queries, got " +
                                       std::to_string(group.size()));
  }
  const int64_t least = *std::min_element(ranks.begin(), ranks.end());
  if (least < 1) {
    throw Error(ErrorCode::kInput,
                "retrieval metrics: expected ranks from 1, got " + std::to_string(least));
  }
}

}  // namespace

std::vector<Metric> retrieval_metrics(const std::vector<int64_t>& ranks,
                                      const std::vector<int64_t>& group, const Metric& protocol) {
  check_ranks(ranks, group);
  const RankStatistics statistics(ranks);
  const auto values = statistics(std::vector<int32_t>(ranks.size(), 1));
  const auto intervals = bootstrap(group, static_cast<uint64_t>(protocol.seed), statistics);
  std::vector<Metric> metrics;
  for (size_t i = 0; i < kNames.size(); ++i) {
    Metric metric = protocol;
    metric.name = kNames[i];
    metric.n = static_cast<int64_t>(ranks.size());
    metric.value = values[i];
    metric.low = intervals[i].low;
    metric.high = intervals[i].high;
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace braid
