#include "braid/metric/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

int affordable_resamples(int64_t cost) {
  constexpr int64_t kNumbers = 2'000'000'000, kLeast = 200;
  return static_cast<int>(
      std::clamp<int64_t>(kNumbers / std::max<int64_t>(cost, 1), kLeast, kResamples));
}

}  // namespace

std::vector<Metric> measured(const Statistics& statistics) {
  auto metrics = statistics.metrics;
  if (metrics.empty()) return metrics;
  const auto seed = static_cast<uint64_t>(metrics[0].seed);
  const auto draws =
      resampled(statistics.group, seed, statistics.values, affordable_resamples(statistics.cost));
  for (size_t i = 0; i < metrics.size(); ++i) {
    auto& metric = metrics[i];
    metric.value = draws.whole[i];
    if (std::isnan(metric.value)) {
      metric.low = metric.high = std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    metric.absent.clear();
    const auto interval = percentile_interval(draws.drawn[i], metric.value);
    metric.low = interval.low;
    metric.high = interval.high;
  }
  return metrics;
}

Statistics only_named(Statistics statistics, std::span<const std::string> names) {
  std::vector<size_t> kept;
  std::vector<Metric> metrics;
  std::vector<std::string> known;
  for (size_t i = 0; i < statistics.metrics.size(); ++i) {
    const auto& metric = statistics.metrics[i];
    if (std::find(known.begin(), known.end(), metric.name) == known.end()) {
      known.push_back(metric.name);
    }
    if (std::find(names.begin(), names.end(), metric.name) == names.end()) continue;
    kept.push_back(i);
    metrics.push_back(metric);
  }
  for (const auto& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(ErrorCode::kInput, "metrics: no metric '" + name + "'" + did_you_mean(name, known) +
                                       "; there are: " + join(known, ", "));
  }
  statistics.metrics = std::move(metrics);
  statistics.values = [kept, all = std::move(statistics.values)](std::span<const int32_t> times) {
    const auto values = all(times);
    std::vector<double> own;
    for (const size_t i : kept) own.push_back(values[i]);
    return own;
  };
  return statistics;
}

}  // namespace braid
