// What the families of scores.h share.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "braid/metric/statistics.h"

namespace braid::scoring {

inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

inline double ratio(double part, double whole) { return whole > 0 ? part / whole : kNone; }

// F1 = 2 TP / (2 TP + FP + FN), of counts; `named`: how often it was answered, `there`: is true.
inline double f1(double right, double named, double there) {
  return ratio(2 * right, named + there);
}

// The mean of those that exist.
class MeanOfSome {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ > 0 ? sum_ / count_ : kNone; }

 private:
  double sum_ = 0;
  int count_ = 0;
};

// -log p, p at least the epsilon of doubles: a certain mistake costs 36 nats, not infinity.
inline double surprise(double p) {
  return -std::log(std::clamp(p, std::numeric_limits<double>::epsilon(), 1.0));
}

// Metrics of one set of predictions, in the order of their values.
class MetricList {
 public:
  MetricList(const Metric& about, const char* task, size_t classes, size_t n) : about_(about) {
    if (about_.task.empty()) about_.task = task;
    about_.gallery = static_cast<int64_t>(classes);
    about_.n = static_cast<int64_t>(n);
    about_.label.clear();
    about_.chance.reset();
  }

  void add(const std::string& name, std::optional<double> chance, const std::string& absent = "") {
    metrics_.push_back(about_);
    metrics_.back().name = name;
    metrics_.back().chance = chance;
    metrics_.back().absent = absent;
  }
  // The next ones are about `label`, which n samples have.
  void of(const std::string& label, int64_t n) {
    about_.label = label;
    about_.n = n;
  }
  std::vector<Metric> take() { return std::move(metrics_); }

 private:
  Metric about_;
  std::vector<Metric> metrics_;
};

}  // namespace braid::scoring
