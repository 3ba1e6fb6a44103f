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

// Gives the statistics of one resample: `times[q]` says how often element q was drawn. NaN: the
// statistic does not exist there (no element of a class was drawn).
using WeightedStatistics = std::function<std::vector<double>(std::span<const int32_t> times)>;

// The statistics of the sample itself and, for each, those of the resamples in which it exists.
struct Resampled {
  std::vector<double> whole;
  std::vector<std::vector<double>> drawn;
};

// `group[q]` is any number; elements with the same one are drawn together. Two calls with equal
// groups and seed draw the same. Throws what `statistics` throws.
Resampled resampled(std::span<const int64_t> group, uint64_t seed,
                    const WeightedStatistics& statistics, int resamples = kResamples);

// From the 2.5th to the 97.5th percentile of `drawn`. An interval that misses the statistic of the
// sample itself (skewed small samples) is widened to it; without a resample it is that point.
Interval percentile_interval(std::vector<double> drawn, double whole);

// The 95 % interval of each statistic.
std::vector<Interval> bootstrap(std::span<const int64_t> group, uint64_t seed,
                                const WeightedStatistics& statistics, int resamples = kResamples);

}  // namespace braid
