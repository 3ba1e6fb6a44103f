#include "braid/metric/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "braid/core/rng.h"

namespace braid {
namespace {

// Linear between neighbours (Hyndman, Fan 1996, type 7).
double percentile(std::span<const double> sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(std::floor(at));
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

}  // namespace

Resampled resampled(std::span<const int64_t> group, uint64_t seed,
                    const WeightedStatistics& statistics, int resamples) {
  std::unordered_map<int64_t, size_t> numbers;
  std::vector<size_t> dense;  // groups as 0, 1, ... in order of first sight
  for (const int64_t g : group)
    dense.push_back(numbers.try_emplace(g, numbers.size()).first->second);

  std::vector<int32_t> times(group.size(), 1);
  Resampled result{statistics(times), {}};
  result.drawn.resize(result.whole.size());
  Rng rng(seed, 0, 0, "metric.bootstrap");
  std::vector<int32_t> group_times;
  for (int resample = 0; resample < resamples; ++resample) {
    group_times.assign(numbers.size(), 0);
    for (size_t i = 0; i < numbers.size(); ++i) {
      ++group_times[static_cast<size_t>(rng.below(static_cast<int64_t>(numbers.size())))];
    }
    for (size_t q = 0; q < group.size(); ++q) times[q] = group_times[dense[q]];
    const auto values = statistics(times);
    for (size_t s = 0; s < values.size(); ++s) {
      if (!std::isnan(values[s])) result.drawn[s].push_back(values[s]);
    }
  }
  return result;
}

Interval percentile_interval(std::vector<double> drawn, double whole) {
  if (drawn.empty()) return {whole, whole};
  std::sort(drawn.begin(), drawn.end());
  return {std::min(whole, percentile(drawn, 0.025)), std::max(whole, percentile(drawn, 0.975))};
}

std::vector<Interval> bootstrap(std::span<const int64_t> group, uint64_t seed,
                                const WeightedStatistics& statistics, int resamples) {
  auto result = resampled(group, seed, statistics, resamples);
  std::vector<Interval> intervals;
  for (size_t s = 0; s < result.whole.size(); ++s) {
    intervals.push_back(percentile_interval(std::move(result.drawn[s]), result.whole[s]));
  }
  return intervals;
}

}  // namespace braid
