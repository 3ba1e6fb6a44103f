// Percentile bootstrap over groups (Efron 1979; clusters resampled whole: Davison, Hinkley
// 1997, 3.8).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace braid {

struct Interval {
  double low = 0;
  double high = 0;
};

inline constexpr int kResamples = 1000;

// Gives the statistics of one resample: `times[q]` says how often element q was drawn.
using WeightedStatistics = std::function<std::vector<double>(std::span<const int32_t> times)>;

// The 95 % interval of each statistic. `group[q]` is any number; elements with the same one are
// drawn together. An interval that misses the statistic of the sample itself (skewed small samples)
// is widened to it. Throws what `statistics` throws.
std::vector<Interval> bootstrap(std::span<const int64_t> group, uint64_t seed,
                                const WeightedStatistics& statistics);

}  // namespace braid
