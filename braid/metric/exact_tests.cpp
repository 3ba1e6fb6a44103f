// Tests that count outcomes: McNemar, sign flips, and Holm's correction of many p values.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/metric/paired.h"
#include "braid/metric/pairs.h"

namespace braid {
namespace {

constexpr size_t kExactGroups = 20;  // a million sign patterns

// log P(X = k), X of n fair coins.
double log_coin(int64_t k, int64_t n) {
  const auto up = [](int64_t m) { return std::lgamma(static_cast<double>(m) + 1); };
  return up(n) - up(k) - up(n - k) - static_cast<double>(n) * std::log(2.0);
}

std::vector<double> group_sums(std::span<const double> values, std::span<const int64_t> group) {
  std::unordered_map<int64_t, size_t> numbers;
  std::vector<double> sums;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t g = numbers.try_emplace(group[i], sums.size()).first->second;
    if (g == sums.size()) sums.push_back(0);
    sums[g] += values[i];
  }
  return sums;
}

// Share of the sign patterns whose sum is as far from 0 as `least`, one sign flipped at a time
// (Gray code); the first sign stays, as a pattern and its negative are equally far.
double exact_share(std::vector<double> sums, double least) {
  const uint64_t patterns = uint64_t{1} << (sums.size() - 1);
  double sum = std::accumulate(sums.begin(), sums.end(), 0.0);
  uint64_t far = 0;
  for (uint64_t pattern = 1;; ++pattern) {
    far += std::abs(sum) >= least;
    if (pattern == patterns) break;
    double& flipped = sums[static_cast<size_t>(std::countr_zero(pattern)) + 1];
    sum -= 2 * flipped;
    flipped = -flipped;
  }
  return static_cast<double>(far) / static_cast<double>(patterns);
}

double drawn_share(const std::vector<double>& sums, double least, uint64_t seed) {
  Rng rng(seed, 0, 0, "metric.sign_flip");
  int far = 1;  // the pattern seen is one of them
  for (int draw = 0; draw < kTestResamples; ++draw) {
    double sum = 0;
    uint64_t bits = 0;
    for (size_t g = 0; g < sums.size(); ++g) {
      if (g % 64 == 0) bits = rng.next();
      sum += bits & 1 ? sums[g] : -sums[g];
      bits >>= 1;
    }
    far += std::abs(sum) >= least;
  }
  return static_cast<double>(far) / (kTestResamples + 1);
}

bool is_right(double value, size_t sample) {
  if (value == 0 || value == 1) return value == 1;
  throw Error(ErrorCode::kInput, "mcnemar: sample " + std::to_string(sample) +
                                     ": expected 0 or 1, got " + std::to_string(value));
}

}  // namespace

McNemar mcnemar(std::span<const double> first_right, std::span<const double> second_right) {
  pairs::differences(first_right, second_right, "mcnemar");  // only for what it checks
  McNemar out;
  out.n = static_cast<int64_t>(first_right.size());
  for (size_t i = 0; i < first_right.size(); ++i) {
    const bool a = is_right(first_right[i], i), b = is_right(second_right[i], i);
    out.first_only += a && !b;
    out.second_only += b && !a;
  }
  const auto n = static_cast<double>(out.n);
  const auto first = static_cast<double>(out.first_only);
  const auto second = static_cast<double>(out.second_only);
  out.effect = (first - second) / n;
  // Wald's interval after half an observation was added to each of the four cells.
  const double total = n + 2, share = first + second + 1;
  const double middle = (first - second) / total;
  const double reach =
      1.959963984540054 * std::sqrt(share / total - middle * middle) / std::sqrt(total);
  out.interval = {std::clamp(std::min(middle - reach, out.effect), -1.0, 1.0),
                  std::clamp(std::max(middle + reach, out.effect), -1.0, 1.0)};
  const int64_t discordant = out.first_only + out.second_only;
  const int64_t fewer = std::min(out.first_only, out.second_only);
  double tail = 0;
  for (int64_t k = fewer; k >= 0; --k) tail += std::exp(log_coin(k, discordant));
  const double seen = std::exp(log_coin(fewer, discordant));
  out.p = std::min(1.0, 2 * tail);
  out.mid_p = std::min(1.0, 2 * tail - seen);
  return out;
}

Comparison sign_flip(std::span<const double> first, std::span<const double> second,
                     std::span<const int64_t> group, uint64_t seed) {
  const auto difference = pairs::differences(first, second, "sign flip");
  pairs::check_groups(group, difference.size(), "sign flip");
  auto comparison = paired_bootstrap(first, second, group, seed);
  comparison.test = "sign flip";
  const auto sums = group_sums(difference, group);
  double size = 0;
  for (const double sum : sums) size += std::abs(sum);
  // A hair less than what was seen: patterns of the same distance differ in the last bits.
  const double least = std::abs(std::accumulate(sums.begin(), sums.end(), 0.0)) - 1e-9 * size;
  comparison.p =
      sums.size() <= kExactGroups ? exact_share(sums, least) : drawn_share(sums, least, seed);
  return comparison;
}

std::vector<double> holm(std::span<const double> p) {
  for (size_t i = 0; i < p.size(); ++i) {
    if (p[i] >= 0 && p[i] <= 1) continue;
    throw Error(ErrorCode::kInput, "holm: p value " + std::to_string(i) +
                                       ": expected 0 to 1, got " + std::to_string(p[i]));
  }
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double least = 0;
  for (size_t place = 0; place < order.size(); ++place) {
    const auto left = static_cast<double>(order.size() - place);
    least = std::max(least, std::min(1.0, left * p[order[place]]));
    adjusted[order[place]] = least;
  }
  return adjusted;
}

}  // namespace braid
