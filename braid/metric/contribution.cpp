#include "braid/metric/contribution.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "braid/core/error.h"
#include "braid/metric/paired.h"
#include "braid/metric/shapley.h"
#include "braid/metric/statistics.h"

namespace braid {
namespace {

// So little worth is nothing to anyone: a thousandth of a sample's probability, or of the variance.
constexpr double kNothing = 1e-3;
constexpr double kPairedLevel = 0.05;
constexpr size_t kManySamples = 20'000;  // of which a paired test takes fewer resamples

using Columns = std::vector<std::vector<double>>;

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of the samples at `places`, which resamples draw together.
std::vector<int64_t> drawn_groups(const ContributionInput& in, std::span<const int64_t> places) {
  std::vector<int64_t> group;
  for (const int64_t at : places)
    group.push_back(in.group.empty() ? at : in.group[static_cast<size_t>(at)]);
  return group;
}

std::vector<int64_t> drawn_groups(const ContributionInput& in, size_t samples) {
  std::vector<int64_t> places(samples);
  std::iota(places.begin(), places.end(), int64_t{0});
  return drawn_groups(in, places);
}

// Mean of each column over the same samples, which are drawn for all columns at once.
std::vector<Estimate> mean_estimates(const Columns& columns, std::vector<int64_t> group,
                                     uint64_t seed) {
  if (columns.empty() || columns[0].empty()) return std::vector<Estimate>(columns.size());
  Statistics means;
  means.metrics.resize(columns.size());
  for (auto& metric : means.metrics) metric.seed = static_cast<int64_t>(seed);
  means.group = std::move(group);
  means.cost = static_cast<int64_t>(columns.size() * columns[0].size());
  means.values = [&](std::span<const int32_t> times) {
    const auto total =
        static_cast<double>(std::accumulate(times.begin(), times.end(), int64_t{0}));
    std::vector<double> values;
    for (const auto& column : columns) {
      double sum = 0;
      for (size_t i = 0; i < column.size(); ++i) sum += times[i] * column[i];
      values.push_back(sum / total);
    }
    return values;
  };
  std::vector<Estimate> out;
  for (const auto& metric : measured(means)) out.push_back({metric.value, metric.low, metric.high});
  return out;
}

uint64_t all_of(size_t fields) { return (uint64_t{1} << fields) - 1; }

bool has_every_set(const Worth& worth, size_t fields) {
  return fields <= kMostPlayers && worth.sets.size() == size_t{1} << fields;
}

void check(const ContributionInput& in) {
  const size_t fields = in.fields.size();
  if (fields < 2 || in.worths.empty() || (!in.alpha.empty() && in.alpha.size() != fields)) {
    throw Error(ErrorCode::kShape,
                "contribution: expected two fields or more, a worth, and a mean weight a field");
  }
  size_t samples = 0;
  for (const auto& worth : in.worths) {
    const auto all = worth.sets.find(all_of(fields));
    if (all == worth.sets.end() || (!worth.shuffled.empty() && worth.shuffled.size() != fields))
      throw Error(ErrorCode::kShape, "contribution: no worth of all fields together");
    if (samples == 0) samples = all->second.size();
    const auto expect = [&](const std::vector<double>& values, size_t size, const char* what) {
      if (values.size() != size) {
        throw Error(ErrorCode::kShape, "contribution, " + worth.name + ", " + what + ": expected " +
                                           std::to_string(size) + " samples, got " +
                                           std::to_string(values.size()));
      }
      if (!std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); }))
        throw Error(ErrorCode::kInput, "contribution, " + worth.name + ": not a finite worth");
    };
    for (const auto& [bits, values] : worth.sets) expect(values, samples, "a set of fields");
    for (const auto& values : worth.shuffled) {
      if (!values.empty()) expect(values, in.shuffled_rows.size(), "a shuffled field");
    }
  }
  if (samples == 0) throw Error(ErrorCode::kInput, "contribution: no sample");
  if (!in.group.empty() && in.group.size() != samples)
    throw Error(ErrorCode::kShape, "contribution: expected a group for each of " +
                                       std::to_string(samples) + " samples, got " +
                                       std::to_string(in.group.size()));
  for (const int64_t row : in.shuffled_rows) {
    if (row < 0 || static_cast<size_t>(row) >= samples)
      throw Error(ErrorCode::kShape, "contribution: no sample " + std::to_string(row));
  }
}

void add_shapley(const ContributionInput& in, size_t w, Contribution& out) {
  const size_t fields = in.fields.size();
  const auto each = sample_shapley(in.worths[w], fields);
  if (each.empty()) return;
  Columns columns(fields);
  for (size_t at = 0; at < each.size(); ++at) columns[at % fields].push_back(each[at]);
  const auto estimates = mean_estimates(columns, drawn_groups(in, columns[0].size()), in.seed);
  for (size_t f = 0; f < fields; ++f) out.fields[f].shares[w].shapley = estimates[f];
}

void add_drops(const ContributionInput& in, size_t w, Contribution& out) {
  const auto& worth = in.worths[w];
  const auto& all = worth.sets.at(all_of(in.fields.size()));
  Columns columns;
  std::vector<size_t> owners;
  for (size_t f = 0; f < worth.shuffled.size(); ++f) {
    if (worth.shuffled[f].empty()) continue;
    auto& column = columns.emplace_back();
    owners.push_back(f);
    for (size_t r = 0; r < in.shuffled_rows.size(); ++r) {
      column.push_back(all[static_cast<size_t>(in.shuffled_rows[r])] - worth.shuffled[f][r]);
    }
  }
  const auto estimates = mean_estimates(columns, drawn_groups(in, in.shuffled_rows), in.seed);
  for (size_t i = 0; i < owners.size(); ++i) out.fields[owners[i]].shares[w].drop = estimates[i];
}

BestSingle best_single(const ContributionInput& in) {
  const auto& worth = in.worths[0];
  const auto& all = worth.sets.at(all_of(in.fields.size()));
  BestSingle best;
  const std::vector<double>* values = nullptr;
  for (size_t f = 0; f < in.fields.size(); ++f) {
    const auto own = worth.sets.find(uint64_t{1} << f);
    if (own == worth.sets.end()) continue;
    const double mean = mean_of(own->second);
    if (values != nullptr && mean <= best.alone) continue;
    values = &own->second;
    best.field = in.fields[f];
    best.alone = mean;
  }
  if (values == nullptr) return best;
  best.together = mean_of(all);
  const auto test = paired_bootstrap(all, *values, drawn_groups(in, all.size()), in.seed,
                                     all.size() > kManySamples ? kResamples : kTestResamples);
  best.gain = {test.effect, test.interval.low, test.interval.high};
  best.p = test.p;
  return best;
}

std::string three(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", std::abs(value) < 0.0005 ? 0 : value);  // no "-0.000"
  return text;
}

std::string with_interval(const Estimate& e) {
  return three(e.value) + " (95 % interval " + three(e.low) + " .. " + three(e.high) + ")";
}

std::vector<std::string> warnings_of(const Contribution& c) {
  std::vector<std::string> out;
  const auto& decides = c.worths.back();
  for (const auto& field : c.fields) {
    const auto& share = field.shares.back();
    const auto head = "field '" + field.field + "' ";
    if (share.drop && share.drop->low <= kNothing) {
      out.push_back(head + "looks ignored: with its values shuffled between " +
                    std::to_string(c.shuffled) + " rows, mean " + decides + " drops by " +
                    with_interval(*share.drop));
    } else if (share.shapley && share.shapley->low <= kNothing) {
      out.push_back(head + "adds nothing that " + std::to_string(c.n) + " rows can show: its " +
                    "Shapley value of " + decides + " is " + with_interval(*share.shapley));
    }
  }
  const auto& s = c.single;
  if (s.field.empty()) return out;
  const auto figures = c.worths[0] + " " + three(s.alone) + " alone, " + three(s.together) +
                       " together, difference " + with_interval(s.gain) + ", paired bootstrap p " +
                       (s.p < 0.001 ? "< 0.001" : three(s.p));
  if (s.p >= kPairedLevel) {
    out.push_back("all fields together are not shown to answer better than '" + s.field +
                  "' alone: " + figures);
  } else if (s.gain.value < 0) {
    out.push_back("'" + s.field + "' alone answers better than all fields together: " + figures);
  }
  return out;
}

}  // namespace

std::vector<double> sample_shapley(const Worth& worth, size_t fields) {
  if (!has_every_set(worth, fields)) return {};
  std::vector<double> out, of_sets(worth.sets.size());
  const size_t samples = worth.sets.begin()->second.size();
  for (size_t i = 0; i < samples; ++i) {
    for (const auto& [bits, values] : worth.sets) of_sets[bits] = values[i];
    const auto phi = shapley(of_sets);
    out.insert(out.end(), phi.begin(), phi.end());
  }
  return out;
}

Contribution contribution_of(const ContributionInput& in) {
  check(in);
  Contribution out;
  out.protocol = in.protocol;
  out.split = in.split;
  out.task = in.task;
  out.n = std::ssize(in.worths[0].sets.begin()->second);
  out.shuffled = std::ssize(in.shuffled_rows);
  for (size_t f = 0; f < in.fields.size(); ++f) {
    out.fields.push_back({in.fields[f], {}, std::vector<WorthShare>(in.worths.size())});
    if (!in.alpha.empty()) out.fields[f].alpha = in.alpha[f];
  }
  for (size_t w = 0; w < in.worths.size(); ++w) {
    out.worths.push_back(in.worths[w].name);
    add_shapley(in, w, out);
    add_drops(in, w, out);
  }
  out.single = best_single(in);
  out.warnings = warnings_of(out);
  return out;
}

}  // namespace braid
