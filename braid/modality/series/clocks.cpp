#include "braid/modality/series/clocks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "braid/modality/series/readers.h"

namespace braid {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// The numbers of one column that are there.
struct Points {
  std::vector<double> times, values;
};

Points points_of(const Recording& recording, size_t column) {
  Points points;
  for (size_t i = 0; i < recording.times.size(); ++i) {
    const double value = recording.columns[column][i];
    if (std::isnan(value)) continue;
    points.times.push_back(recording.times[i]);
    points.values.push_back(value);
  }
  return points;
}

double nearest_point(const Points& p, double t, double tolerance) {
  const auto after = std::lower_bound(p.times.begin(), p.times.end(), t);
  size_t at = static_cast<size_t>(after - p.times.begin());
  if (at == p.times.size() || (at > 0 && t - p.times[at - 1] <= p.times[at] - t)) --at;
  return std::abs(p.times[at] - t) <= tolerance ? p.values[at] : kNothing;
}

double last_point(const Points& p, double t, double tolerance) {
  const auto after = std::upper_bound(p.times.begin(), p.times.end(), t);
  if (after == p.times.begin()) return kNothing;
  const auto at = static_cast<size_t>(after - p.times.begin()) - 1;
  return t - p.times[at] <= tolerance ? p.values[at] : kNothing;
}

double linear_point(const Points& p, double t, double tolerance) {
  const auto after = std::lower_bound(p.times.begin(), p.times.end(), t);
  const auto at = static_cast<size_t>(after - p.times.begin());
  if (at == p.times.size()) return kNothing;
  if (p.times[at] == t) return p.values[at];
  if (at == 0 || p.times[at] - t > tolerance || t - p.times[at - 1] > tolerance) return kNothing;
  const double share = (t - p.times[at - 1]) / (p.times[at] - p.times[at - 1]);
  return p.values[at - 1] + share * (p.values[at] - p.values[at - 1]);
}

double mean_point(const Points& p, double t, double half, double tolerance) {
  const auto begin = std::lower_bound(p.times.begin(), p.times.end(), t - half);
  const auto end = std::lower_bound(begin, p.times.end(), t + half);
  if (begin == end) return nearest_point(p, t, tolerance);
  double sum = 0;
  for (auto at = begin - p.times.begin(); at < end - p.times.begin(); ++at) {
    sum += p.values[static_cast<size_t>(at)];
  }
  return sum / static_cast<double>(end - begin);
}

double joined_value(const Points& p, double t, const ClockRule& rule) {
  if (p.times.empty()) return kNothing;
  switch (rule.join) {
    case ClockJoin::kLast:
      return last_point(p, t, rule.tolerance_s);
    case ClockJoin::kLinear:
      return linear_point(p, t, rule.tolerance_s);
    case ClockJoin::kMean:
      return mean_point(p, t, rule.rate > 0 ? 0.5 / rule.rate : 0, rule.tolerance_s);
    case ClockJoin::kNearest:
      break;
  }
  return nearest_point(p, t, rule.tolerance_s);
}

std::vector<double> one_clock(std::span<const Recording> recordings, const ClockRule& rule,
                              size_t columns, const RecordingLimits& limits) {
  if (rule.rate <= 0) {
    check_recording_size(columns, recordings[0].times.size(), limits);
    return recordings[0].times;
  }
  double begin = recordings[0].times.front(), end = recordings[0].times.back();
  for (const auto& recording : recordings) {
    begin = std::min(begin, recording.times.front());
    end = std::max(end, recording.times.back());
  }
  // A step that rounding puts a hair behind the end still counts.
  const double steps = std::floor((end - begin) * rule.rate + 1e-6) + 1;
  check_recording_size(columns, steps < 1e18 ? static_cast<uint64_t>(steps) : UINT64_MAX, limits);
  std::vector<double> times(static_cast<size_t>(steps));
  for (size_t i = 0; i < times.size(); ++i) times[i] = begin + static_cast<double>(i) / rule.rate;
  return times;
}

}  // namespace

Recording join_clocks(std::span<const Recording> recordings, const ClockRule& rule,
                      const RecordingLimits& limits) {
  size_t columns = 0;
  for (const auto& recording : recordings) columns += recording.columns.size();
  Recording joined;
  joined.times = one_clock(recordings, rule, columns, limits);
  for (size_t r = 0; r < recordings.size(); ++r) {
    const bool own_clock = r == 0 && rule.rate <= 0;
    for (size_t c = 0; c < recordings[r].columns.size(); ++c) {
      joined.names.push_back(recordings[r].names[c]);
      if (own_clock) {
        joined.columns.push_back(recordings[r].columns[c]);
        continue;
      }
      const Points points = points_of(recordings[r], c);
      auto& column = joined.columns.emplace_back(joined.times.size());
      std::transform(joined.times.begin(), joined.times.end(), column.begin(),
                     [&](double t) { return joined_value(points, t, rule); });
    }
  }
  return joined;
}

}  // namespace braid
