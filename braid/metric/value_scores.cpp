#include <array>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "braid/metric/score_parts.h"
#include "braid/metric/scores.h"

namespace braid {
namespace {

using namespace scoring;

constexpr std::array<const char*, 5> kValueNames = {"mae", "rmse", "r2", "pearson", "spearman"};
using FiveValues = std::array<double, kValueNames.size()>;

// Elements by rising value; equal ones share the middle of their ranks.
class MiddleRanks {
 public:
  explicit MiddleRanks(const std::vector<double>& values) : order_(values.size()) {
    std::iota(order_.begin(), order_.end(), size_t{0});
    std::stable_sort(order_.begin(), order_.end(),
                     [&](size_t a, size_t b) { return values[a] < values[b]; });
    for (size_t i = 0; i < order_.size(); ++i) {
      if (i + 1 == order_.size() || values[order_[i]] != values[order_[i + 1]]) {
        ends_.push_back(i + 1);
      }
    }
  }

  std::vector<double> operator()(const std::vector<double>& weight) const {
    std::vector<double> ranks(order_.size());
    double before = 0;
    size_t begin = 0;
    for (const size_t end : ends_) {
      double equal = 0;
      for (size_t i = begin; i < end; ++i) equal += weight[order_[i]];
      for (; begin < end; ++begin) ranks[order_[begin]] = before + (equal + 1) / 2;
      before += equal;
    }
    return ranks;
  }

 private:
  std::vector<size_t> order_;
  std::vector<size_t> ends_;  // of runs of equal values
};

double weighted_mean(const std::vector<double>& x, const std::vector<double>& weight) {
  double sum = 0, total = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    sum += weight[i] * x[i];
    total += weight[i];
  }
  return ratio(sum, total);
}

// Exact, as a sum of squares around a rounded mean is not.
bool is_constant(const std::vector<double>& x, const std::vector<double>& weight) {
  const double* first = nullptr;
  for (size_t i = 0; i < x.size(); ++i) {
    if (weight[i] == 0) continue;
    if (first == nullptr) first = &x[i];
    if (x[i] != *first) return false;
  }
  return true;
}

double correlation(const std::vector<double>& x, const std::vector<double>& y,
                   const std::vector<double>& weight) {
  if (is_constant(x, weight) || is_constant(y, weight)) return kNone;
  const double mean_x = weighted_mean(x, weight), mean_y = weighted_mean(y, weight);
  double xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - mean_x, dy = y[i] - mean_y;
    xx += weight[i] * dx * dx;
    yy += weight[i] * dy * dy;
    xy += weight[i] * dx * dy;
  }
  return std::clamp(xy / std::sqrt(xx) / std::sqrt(yy), -1.0, 1.0);
}

// Of one target, over the samples that have it.
class TargetValues {
 public:
  TargetValues(const CheckedValues& given, size_t target) {
    for (size_t i = 0; i < given.size(); ++i) {
      const double truth = given.targets[i * given.width + target];
      if (std::isnan(truth)) continue;
      rows_.push_back(i);
      target_.push_back(truth);
      answer_.push_back(given.predictions[i * given.width + target]);
    }
    target_ranks_.emplace(target_);
    answer_ranks_.emplace(answer_);
  }

  FiveValues operator()(std::span<const int32_t> times) const {
    std::vector<double> weight;
    for (const size_t row : rows_) weight.push_back(times[row]);
    const double total = std::accumulate(weight.begin(), weight.end(), 0.0);
    const double mean = weighted_mean(target_, weight);
    double off = 0, square = 0, spread = 0;
    for (size_t i = 0; i < rows_.size(); ++i) {
      const double error = answer_[i] - target_[i], deviation = target_[i] - mean;
      off += weight[i] * std::abs(error);
      square += weight[i] * error * error;
      spread += weight[i] * deviation * deviation;
    }
    return {ratio(off, total), std::sqrt(ratio(square, total)),
            is_constant(target_, weight) ? kNone : 1 - square / spread,
            correlation(answer_, target_, weight),
            correlation((*answer_ranks_)(weight), (*target_ranks_)(weight), weight)};
  }

  size_t count() const { return rows_.size(); }

  // Why a figure that is not of errors may not exist.
  std::string absent(bool of_answers) const {
    const std::vector<double> ones(rows_.size(), 1);
    if (rows_.size() == 1) return "one sample only";
    if (is_constant(target_, ones)) return "the target is constant";
    return of_answers && is_constant(answer_, ones) ? "the answer is constant" : "";
  }

  // Of always answering the mean; of mae the median.
  double chance_mae() const {
    if (target_.empty()) return kNone;
    auto sorted = target_;
    std::sort(sorted.begin(), sorted.end());
    const double median = (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
    double off = 0;
    for (const double y : target_) off += std::abs(y - median);
    return ratio(off, static_cast<double>(target_.size()));
  }
  double chance_rmse() const {
    const std::vector<double> ones(target_.size(), 1);
    const double mean = weighted_mean(target_, ones);
    double square = 0;
    for (const double y : target_) square += (y - mean) * (y - mean);
    return std::sqrt(ratio(square, static_cast<double>(target_.size())));
  }

 private:
  std::vector<size_t> rows_;
  std::vector<double> target_, answer_;
  std::optional<MiddleRanks> target_ranks_, answer_ranks_;  // made once the two are filled
};

using Targets = std::vector<TargetValues>;

std::vector<double> values_of(const Targets& targets, std::span<const int32_t> times) {
  std::vector<FiveValues> own;
  for (const auto& target : targets) own.push_back(target(times));
  std::vector<double> values;
  for (size_t v = 0; v < kValueNames.size(); ++v) {
    MeanOfSome mean;
    for (const auto& five : own) mean.add(five[v]);
    values.push_back(mean.value());
  }
  if (targets.size() == 1) return values;
  for (const auto& five : own) values.insert(values.end(), five.begin(), five.end());
  return values;
}

void add_five(MetricList& list, std::optional<double> mae, std::optional<double> rmse,
              const std::string& no_r2, const std::string& no_correlation) {
  const auto zero_unless = [](const std::string& absent) {
    return absent.empty() ? std::optional(0.0) : std::nullopt;
  };
  list.add("mae", mae, "no target");
  list.add("rmse", rmse, "no target");
  list.add("r2", zero_unless(no_r2), no_r2);
  list.add("pearson", zero_unless(no_correlation), no_correlation);
  list.add("spearman", zero_unless(no_correlation), no_correlation);
}

std::vector<Metric> value_metrics(const Targets& targets, const CheckedValues& given,
                                  const std::vector<std::string>& names, const Metric& about) {
  MetricList list(about, "regression", 0, given.size());
  MeanOfSome mae, rmse;
  std::string no_r2 = "every target is constant", no_correlation = "every target is constant";
  for (const auto& target : targets) {
    mae.add(target.chance_mae());
    rmse.add(target.chance_rmse());
    if (target.absent(false).empty() || targets.size() == 1) no_r2 = target.absent(false);
    if (target.absent(true).empty() || targets.size() == 1) no_correlation = target.absent(true);
  }
  add_five(list, mae.value(), rmse.value(), no_r2, no_correlation);
  if (targets.size() == 1) return list.take();
  for (size_t k = 0; k < targets.size(); ++k) {
    const auto& target = targets[k];
    list.of(names[k], static_cast<int64_t>(target.count()));
    if (target.count() == 0) {
      add_five(list, {}, {}, "no target", "no target");
    } else {
      add_five(list, target.chance_mae(), target.chance_rmse(), target.absent(false),
               target.absent(true));
    }
  }
  return list.take();
}

}  // namespace

Statistics regression_statistics(const ValuePredictions& predictions, const Metric& about) {
  const auto given = checked(predictions);
  const auto targets = std::make_shared<Targets>();
  for (size_t k = 0; k < given.width; ++k) {
    targets->emplace_back(given, k);
  }
  Statistics statistics;
  statistics.metrics = value_metrics(*targets, given, predictions.names, about);
  statistics.group = given.group;
  statistics.values = [targets](std::span<const int32_t> times) {
    return values_of(*targets, times);
  };
  statistics.cost = static_cast<int64_t>(given.targets.size());
  return statistics;
}

std::vector<Metric> regression_scores(const ValuePredictions& predictions, const Metric& about) {
  return measured(regression_statistics(predictions, about));
}

std::vector<std::string> regression_score_names() {
  return {kValueNames.begin(), kValueNames.end()};
}

}  // namespace braid
