#include "braid/metric/paired.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "braid/core/error.h"
#include "braid/metric/pairs.h"
#include "braid/metric/student_t.h"

namespace braid {
namespace {

constexpr double kLevel = 0.05;  // of 95 % intervals

// Twice the smaller share of draws on either side of zero.
double two_sided(const std::vector<double>& drawn) {
  const auto total = static_cast<double>(drawn.size()) + 1;
  const auto below = std::count_if(drawn.begin(), drawn.end(), [](double d) { return d <= 0; });
  const auto above = std::count_if(drawn.begin(), drawn.end(), [](double d) { return d >= 0; });
  return std::min(1.0, 2 * (static_cast<double>(std::min(below, above)) + 1) / total);
}

int64_t distinct(std::span<const int64_t> group) {
  return static_cast<int64_t>(std::set(group.begin(), group.end()).size());
}

Comparison about_bootstrap(std::span<const int64_t> group) {
  Comparison comparison;
  comparison.test = "paired bootstrap";
  comparison.n = distinct(group);
  return comparison;
}

void check_same_samples(const Statistics& first, const Statistics& second) {
  if (first.group.empty()) throw Error(ErrorCode::kInput, "paired bootstrap: no sample to compare");
  if (first.group.size() != second.group.size() || first.metrics.size() != second.metrics.size()) {
    throw Error(ErrorCode::kShape,
                "paired bootstrap: expected two systems on the same samples, got " +
                    std::to_string(first.metrics.size()) + " metrics of " +
                    std::to_string(first.group.size()) + " samples and " +
                    std::to_string(second.metrics.size()) + " of " +
                    std::to_string(second.group.size()));
  }
  if (first.group != second.group) {
    throw Error(ErrorCode::kInput, "paired bootstrap: the two systems have other groups");
  }
  for (size_t i = 0; i < first.metrics.size(); ++i) {
    const auto &a = first.metrics[i], &b = second.metrics[i];
    if (a.name == b.name && a.label == b.label && a.n == b.n) continue;
    throw Error(ErrorCode::kInput, "paired bootstrap: metric " + std::to_string(i) +
                                       ": expected the same of both, got " + a.name + " '" +
                                       a.label + "' of " + std::to_string(a.n) + " and " + b.name +
                                       " '" + b.label + "' of " + std::to_string(b.n));
  }
}

}  // namespace

std::vector<Comparison> paired_bootstrap(const Statistics& first, const Statistics& second,
                                         uint64_t seed, int resamples) {
  check_same_samples(first, second);
  const auto draws = resampled(
      first.group, seed,
      [&](std::span<const int32_t> times) {
        auto difference = first.values(times);
        const auto other = second.values(times);
        for (size_t i = 0; i < difference.size(); ++i) difference[i] -= other[i];
        return difference;
      },
      resamples);
  const auto template_of = about_bootstrap(first.group);
  std::vector<Comparison> comparisons;
  for (size_t i = 0; i < first.metrics.size(); ++i) {
    auto comparison = template_of;
    comparison.name = first.metrics[i].name;
    comparison.label = first.metrics[i].label;
    if (std::isnan(draws.whole[i])) {
      const auto& why = first.metrics[i].absent;
      comparison.absent = why.empty() ? second.metrics[i].absent : why;
    } else {
      comparison.effect = draws.whole[i];
      comparison.interval = percentile_interval(draws.drawn[i], draws.whole[i]);
      comparison.p = two_sided(draws.drawn[i]);
    }
    comparisons.push_back(std::move(comparison));
  }
  return comparisons;
}

Comparison paired_bootstrap(std::span<const double> first, std::span<const double> second,
                            std::span<const int64_t> group, uint64_t seed, int resamples) {
  const auto difference = pairs::differences(first, second, "paired bootstrap");
  pairs::check_groups(group, difference.size(), "paired bootstrap");
  const auto draws = resampled(
      group, seed,
      [&](std::span<const int32_t> times) {
        double sum = 0, total = 0;
        for (size_t i = 0; i < difference.size(); ++i) {
          sum += times[i] * difference[i];
          total += times[i];
        }
        return std::vector<double>{sum / total};
      },
      resamples);
  auto comparison = about_bootstrap(group);
  comparison.effect = draws.whole[0];
  comparison.interval = percentile_interval(draws.drawn[0], draws.whole[0]);
  comparison.p = two_sided(draws.drawn[0]);
  return comparison;
}

Comparison paired_t(std::span<const double> first, std::span<const double> second) {
  const auto difference = pairs::differences(first, second, "paired t");
  const auto n = static_cast<double>(difference.size());
  Comparison comparison;
  comparison.test = "paired t";
  comparison.n = static_cast<int64_t>(difference.size());
  comparison.effect = std::accumulate(difference.begin(), difference.end(), 0.0) / n;
  comparison.interval = {comparison.effect, comparison.effect};
  if (difference.size() < 2) {
    comparison.absent = "one pair only";
    return comparison;
  }
  const bool same = std::all_of(difference.begin(), difference.end(),
                                [&](double d) { return d == difference[0]; });
  if (same) {
    if (difference[0] != 0) comparison.absent = "every pair differs by the same";
    return comparison;
  }
  double square = 0;
  for (const double d : difference) square += (d - comparison.effect) * (d - comparison.effect);
  const double error = std::sqrt(square / (n - 1) / n);
  const double reach = student_t_beyond(kLevel, n - 1) * error;
  comparison.interval = {comparison.effect - reach, comparison.effect + reach};
  comparison.p = student_t_two_sided(comparison.effect / error, n - 1);
  return comparison;
}

namespace {

// Mean over seeds of each sample, and over samples of each seed.
struct SeedMeans {
  std::vector<double> of_sample, of_seed;
};

SeedMeans seed_means(const std::vector<std::vector<double>>& values) {
  if (values.empty() || values[0].empty()) {
    throw Error(ErrorCode::kInput, "compare seeds: no sample to compare");
  }
  SeedMeans means{std::vector<double>(values[0].size()), {}};
  for (size_t s = 0; s < values.size(); ++s) {
    if (values[s].size() != values[0].size()) {
      throw Error(ErrorCode::kShape, "compare seeds: seed " + std::to_string(s) + ": expected " +
                                         std::to_string(values[0].size()) + " samples, got " +
                                         std::to_string(values[s].size()));
    }
    const auto seeds = static_cast<double>(values.size());
    for (size_t i = 0; i < values[s].size(); ++i) means.of_sample[i] += values[s][i] / seeds;
    means.of_seed.push_back(std::accumulate(values[s].begin(), values[s].end(), 0.0) /
                            static_cast<double>(values[s].size()));
  }
  return means;
}

}  // namespace

SeedComparison compare_seeds(const std::vector<std::vector<double>>& first,
                             const std::vector<std::vector<double>>& second,
                             std::span<const int64_t> group, uint64_t seed) {
  const auto a = seed_means(first), b = seed_means(second);
  SeedComparison out{paired_bootstrap(a.of_sample, b.of_sample, group, seed),
                     sign_flip(a.of_sample, b.of_sample, group, seed),
                     {}};
  if (a.of_seed.size() == b.of_seed.size()) {
    out.seeds = paired_t(a.of_seed, b.of_seed);
  } else {
    out.seeds.test = "paired t";
    out.seeds.absent = "other numbers of seeds";
  }
  return out;
}

}  // namespace braid
