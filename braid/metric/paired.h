// Is one system better than another on the same samples, or is it noise? Every test is two-sided
// and gives the difference first - second with its 95 % interval. Sources: docs/metrics.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "braid/metric/bootstrap.h"
#include "braid/metric/statistics.h"

namespace braid {

inline constexpr int kTestResamples = 10'000;  // the least p is 2 / 10,001

struct Comparison {
  std::string test;   // "paired bootstrap", "sign flip", "paired t"
  std::string name;   // of the metric, "" = mean of the values given
  std::string label;  // its class or target
  double effect = 0;  // first - second
  Interval interval;
  double p = 1;
  int64_t n = 0;       // independent things: groups; of the t test pairs
  std::string absent;  // why there is none; the numbers then say nothing
};

// Of two yes-or-no answers to each sample (McNemar 1947). `p`: exact binomial of the samples that
// one alone has right, whatever their number; `mid_p` counts half of the outcome seen (Fagerland,
// Lydersen, Laake 2013), less conservative. Interval: Agresti, Min 2005. Samples must be
// independent: where they have groups take paired_bootstrap.
struct McNemar {
  int64_t first_only = 0, second_only = 0, n = 0;
  double effect = 0;  // difference of accuracy
  Interval interval;
  double p = 1, mid_p = 1;
};
McNemar mcnemar(std::span<const double> first_right, std::span<const double> second_right);

// Of each metric of two systems, from statistics over the same samples in the same order: groups
// are drawn with replacement for both at once. p: twice the smaller share of resamples on either
// side of no difference, both counted with (k + 1) / (R + 1).
std::vector<Comparison> paired_bootstrap(const Statistics& first, const Statistics& second,
                                         uint64_t seed, int resamples = kTestResamples);

// Of the means of two values of each sample (correct or not, nll). `group` as in bootstrap.h.
Comparison paired_bootstrap(std::span<const double> first, std::span<const double> second,
                            std::span<const int64_t> group, uint64_t seed,
                            int resamples = kTestResamples);

// The same difference; p of the sums of groups changing sign by chance: all 2^n of them up to 20
// groups, else kTestResamples draws (with n groups p is at least 2 / 2^n). Interval: of the
// bootstrap.
Comparison sign_flip(std::span<const double> first, std::span<const double> second,
                     std::span<const int64_t> group, uint64_t seed);

// Student's t of the differences of pairs: two or more.
Comparison paired_t(std::span<const double> first, std::span<const double> second);

// Several seeds of two systems on the same samples: values[seed][sample].
struct SeedComparison {
  Comparison bootstrap, sign_flip;  // of each sample's mean over seeds: would other samples say so?
  Comparison seeds;                 // paired t of each seed's mean: would other seeds say so?
};
SeedComparison compare_seeds(const std::vector<std::vector<double>>& first,
                             const std::vector<std::vector<double>>& second,
                             std::span<const int64_t> group, uint64_t seed);

// p values of many comparisons, adjusted so that the chance of one or more false findings stays
// below the level (Holm 1979). Throws Error(kInput) for one outside [0, 1].
std::vector<double> holm(std::span<const double> p);

// All throw Error(kShape) for sizes that do not match, Error(kInput) for nothing or for values that
// are not finite.

}  // namespace braid
