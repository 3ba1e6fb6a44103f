// Predictions for the metric tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "braid/core/rng.h"
#include "braid/metric/predictions.h"
#include "braid/metric/scores.h"

namespace braid::metric_test {

inline const Metric* find(const std::vector<Metric>& metrics, const std::string& name,
                          const std::string& label = "") {
  for (const auto& metric : metrics) {
    if (metric.name == name && metric.label == label) return &metric;
  }
  return nullptr;
}

inline std::vector<std::string> class_names(size_t count) {
  std::vector<std::string> names;
  for (size_t c = 0; c < count; ++c) names.push_back("c" + std::to_string(c));
  return names;
}

inline Array matrix(size_t width, const std::vector<double>& values) {
  const auto rows = static_cast<int64_t>(values.size() / width);
  return Array::of<double>({rows, static_cast<int64_t>(width)}, values);
}

inline ClassPredictions classes_of(size_t width, const std::vector<double>& probabilities,
                                   const std::vector<int64_t>& labels) {
  return {matrix(width, probabilities), labels, class_names(width)};
}

// The second class has probability p[i].
inline ClassPredictions two_classes(const std::vector<double>& p,
                                    const std::vector<int64_t>& labels) {
  std::vector<double> both;
  for (const double x : p) both.insert(both.end(), {1 - x, x});
  return classes_of(2, both, labels);
}

// Multiples of 1/16, many equal, that lean towards the labels, some more than others.
inline ClassPredictions random_classes(size_t n, size_t width, uint64_t seed) {
  Rng rng(seed);
  std::vector<double> probabilities;
  std::vector<int64_t> labels;
  for (size_t i = 0; i < n; ++i) {
    const int64_t label = rng.below(static_cast<int64_t>(width));
    const double lean = rng.uniform(0, 0.4);
    std::vector<double> row(width);
    for (int part = 0; part < 16; ++part) {
      const int64_t c = rng.chance(lean) ? label : rng.below(static_cast<int64_t>(width));
      row[static_cast<size_t>(c)] += 1.0 / 16;
    }
    labels.push_back(label);
    probabilities.insert(probabilities.end(), row.begin(), row.end());
  }
  return classes_of(width, probabilities, labels);
}

// Rows in another order.
inline ClassPredictions reordered(const ClassPredictions& given,
                                  const std::vector<int64_t>& order) {
  auto out = given;
  const auto values = given.probabilities.values<double>();
  const size_t width = given.names.size();
  std::vector<double> moved;
  for (size_t i = 0; i < order.size(); ++i) {
    const auto from = static_cast<size_t>(order[i]);
    for (size_t c = 0; c < width; ++c) moved.push_back(values[from * width + c]);
    out.labels[i] = given.labels[from];
    if (!given.group.empty()) out.group[i] = given.group[from];
  }
  out.probabilities = matrix(width, moved);
  return out;
}

}  // namespace braid::metric_test
