#include "braid/metric/predictions.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

constexpr double kSumTolerance = 1e-3;  // of float32 softmax over thousands of classes

std::string number_seen(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

[[noreturn]] void wrong_shape(const std::string& what, const std::string& expected,
                              const std::string& got) {
  throw Error(ErrorCode::kShape, what + ": expected " + expected + ", got " + got);
}

[[noreturn]] void wrong_cell(const std::string& what, size_t row, const std::string& name,
                             const std::string& expected, const std::string& got) {
  throw Error(ErrorCode::kInput, what + ": row " + std::to_string(row) +
                                     (name.empty() ? "" : ", '" + printable(name) + "'") +
                                     ": expected " + expected + ", got " + got);
}

std::vector<double> doubles(const Array& array, const std::string& what, size_t width) {
  const auto& shape = array.shape();
  const bool number = array.dtype() == DType::kF32 || array.dtype() == DType::kF64;
  if (array.empty() || !number || shape.size() != 2 || shape[1] != static_cast<int64_t>(width)) {
    wrong_shape(what, "[N, " + std::to_string(width) + "] of F32 or F64",
                array.empty() ? "nothing" : shape_text(shape) + " of " + dtype_name(array.dtype()));
  }
  if (shape[0] == 0) throw Error(ErrorCode::kInput, what + ": expected samples, got none");
  if (array.dtype() == DType::kF64) {
    const auto values = array.values<double>();
    return {values.begin(), values.end()};
  }
  const auto values = array.values<float>();
  return {values.begin(), values.end()};
}

void check_count(const std::string& what, size_t expected, size_t got) {
  if (expected != got) wrong_shape(what, std::to_string(expected), std::to_string(got));
}

std::vector<int64_t> groups_or_own(const std::vector<int64_t>& group, size_t rows,
                                   const std::string& task) {
  if (!group.empty()) {
    check_count(task + ": groups, one for each row", rows, group.size());
    return group;
  }
  std::vector<int64_t> own(rows);
  std::iota(own.begin(), own.end(), int64_t{0});
  return own;
}

void check_probability(double p, const std::string& what, size_t row, const std::string& name) {
  if (!(p >= 0 && p <= 1 + kSumTolerance)) {
    wrong_cell(what, row, name, "a number from 0 to 1", number_seen(p));
  }
}

void check_distribution(const double* row, const ClassPredictions& given, size_t i) {
  const std::string what = "classification: probabilities";
  double sum = 0;
  for (size_t c = 0; c < given.names.size(); ++c) {
    check_probability(row[c], what, i, given.names[c]);
    sum += row[c];
  }
  if (std::abs(sum - 1) > kSumTolerance) wrong_cell(what, i, "", "a sum of 1", number_seen(sum));
}

// The shares in training, or of the labels themselves.
std::vector<double> prior_of(const ClassPredictions& given, const std::vector<size_t>& labels) {
  const size_t classes = given.names.size();
  std::vector<double> prior(classes);
  if (given.prior.empty()) {
    for (const size_t label : labels) prior[label] += 1.0 / static_cast<double>(labels.size());
    return prior;
  }
  check_count("classification: prior, one for each class", classes, given.prior.size());
  double sum = 0;
  for (size_t c = 0; c < classes; ++c) {
    if (!(given.prior[c] >= 0 && std::isfinite(given.prior[c]))) {
      wrong_cell("classification: prior", c, given.names[c], "a share from 0",
                 number_seen(given.prior[c]));
    }
    sum += given.prior[c];
  }
  if (sum <= 0) throw Error(ErrorCode::kInput, "classification: prior: expected a share above 0");
  for (size_t c = 0; c < classes; ++c) prior[c] = given.prior[c] / sum;
  return prior;
}

[[noreturn]] void nothing_left(const std::string& task, const char* what, size_t rows) {
  throw Error(ErrorCode::kInput,
              task + ": expected a " + what + ", got none in " + std::to_string(rows) + " rows");
}

}  // namespace

CheckedClasses checked(const ClassPredictions& given) {
  CheckedClasses out;
  out.classes = given.names.size();
  if (out.classes < 2)
    wrong_shape("classification: classes", "two or more", std::to_string(out.classes));
  const auto values = doubles(given.probabilities, "classification: probabilities", out.classes);
  const size_t rows = values.size() / out.classes;
  check_count("classification: labels, one for each row", rows, given.labels.size());
  const auto group = groups_or_own(given.group, rows, "classification");
  for (size_t i = 0; i < rows; ++i) {
    const double* row = values.data() + i * out.classes;
    check_distribution(row, given, i);
    const int64_t label = given.labels[i];
    if (label < -1 || label >= static_cast<int64_t>(out.classes)) {
      wrong_cell("classification: labels", i, "",
                 "-1 (missing) .. " + std::to_string(out.classes - 1), std::to_string(label));
    }
    if (label < 0) continue;
    out.probabilities.insert(out.probabilities.end(), row, row + out.classes);
    out.labels.push_back(static_cast<size_t>(label));
    out.group.push_back(group[i]);
  }
  if (out.labels.empty()) nothing_left("classification", "label", rows);
  out.prior = prior_of(given, out.labels);
  return out;
}

CheckedLabels checked(const LabelPredictions& given) {
  const std::string task = "multi-label";
  CheckedLabels out;
  out.width = given.names.size();
  if (out.width == 0) wrong_shape(task + ": labels", "one or more names", "0");
  const auto values = doubles(given.probabilities, task + ": probabilities", out.width);
  const size_t rows = values.size() / out.width;
  check_count(task + ": labels, one for each probability", values.size(), given.labels.size());
  const auto group = groups_or_own(given.group, rows, task);
  for (size_t i = 0; i < rows; ++i) {
    const auto begin = static_cast<std::ptrdiff_t>(i * out.width);
    const auto end = begin + static_cast<std::ptrdiff_t>(out.width);
    bool any = false;
    for (size_t l = 0; l < out.width; ++l) {
      check_probability(values[i * out.width + l], task + ": probabilities", i, given.names[l]);
      const int64_t label = given.labels[i * out.width + l];
      if (label < -1 || label > 1) {
        wrong_cell(task + ": labels", i, given.names[l], "1, 0 or -1 (not known)",
                   std::to_string(label));
      }
      any |= label >= 0;
    }
    if (!any) continue;
    out.probabilities.insert(out.probabilities.end(), values.begin() + begin, values.begin() + end);
    out.labels.insert(out.labels.end(), given.labels.begin() + begin, given.labels.begin() + end);
    out.group.push_back(group[i]);
  }
  if (out.group.empty()) nothing_left(task, "label", rows);
  return out;
}

CheckedValues checked(const ValuePredictions& given) {
  const std::string task = "regression";
  CheckedValues out;
  out.width = given.names.size();
  if (out.width == 0) wrong_shape(task + ": targets", "one or more names", "0");
  const auto predictions = doubles(given.predictions, task + ": predictions", out.width);
  const auto targets = doubles(given.targets, task + ": targets", out.width);
  const size_t rows = predictions.size() / out.width;
  check_count(task + ": rows of targets", rows, targets.size() / out.width);
  const auto group = groups_or_own(given.group, rows, task);
  for (size_t i = 0; i < rows; ++i) {
    bool any = false;
    for (size_t k = 0; k < out.width; ++k) {
      const double answer = predictions[i * out.width + k], target = targets[i * out.width + k];
      if (!std::isfinite(answer)) {
        wrong_cell(task + ": predictions", i, given.names[k], "a finite number",
                   number_seen(answer));
      }
      if (std::isinf(target)) {
        wrong_cell(task + ": targets", i, given.names[k], "a finite number or NaN (missing)",
                   number_seen(target));
      }
      any |= !std::isnan(target);
    }
    if (!any) continue;
    for (size_t k = 0; k < out.width; ++k) {
      out.predictions.push_back(predictions[i * out.width + k]);
      out.targets.push_back(targets[i * out.width + k]);
    }
    out.group.push_back(group[i]);
  }
  if (out.group.empty()) nothing_left(task, "target", rows);
  return out;
}

}  // namespace braid
