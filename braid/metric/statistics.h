// Metrics as functions of how often each sample counts: what intervals and paired tests resample.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "braid/metric/bootstrap.h"
#include "braid/metric/metric.h"

namespace braid {

struct Statistics {
  // Without value and interval. `absent` says why there is none, should there be none.
  std::vector<Metric> metrics;
  std::vector<int64_t> group;  // of each sample that counts
  WeightedStatistics values;   // one for each of `metrics`; NaN where it does not exist
  int64_t cost = 0;            // numbers that one call of `values` looks at
};

// The metrics with value and interval: kResamples resamples keyed by Metric::seed, fewer (at least
// 200) where they would look at more than 2e9 numbers.
std::vector<Metric> measured(const Statistics& statistics);

// Those whose name is among `names`. Throws Error(kInput) for a name that no metric has.
Statistics only_named(Statistics statistics, std::span<const std::string> names);

}  // namespace braid
