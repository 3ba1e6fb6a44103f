// Against scikit-learn, scipy and statsmodels: tests/golden/metrics.py.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "braid/core/file.h"
#include "braid/metric/confusion.h"
#include "braid/metric/paired.h"
#include "braid/metric/student_t.h"
#include "tests/metric/predictions.h"

namespace braid {
namespace {

using nlohmann::json;
using namespace metric_test;

constexpr double kClose = 1e-11;  // sums of about 100 terms of size 1, in another order

const json& golden() {
  static const auto read = json::parse(read_text(BRAID_SOURCE_DIR "/tests/golden/metrics.json"));
  return read;
}

std::vector<double> probabilities_of(const json& rows) {
  std::vector<double> values;
  for (const auto& row : rows) {
    for (const int part : row) values.push_back(part / 64.0);
  }
  return values;
}

std::vector<double> column(const json& rows, size_t width) {
  std::vector<double> values;
  for (const auto& row : rows) {
    for (size_t k = 0; k < width; ++k) {
      values.push_back(row[k].is_null() ? NAN : row[k].get<double>());
    }
  }
  return values;
}

void expect_values(const std::vector<Metric>& metrics, const json& expected) {
  size_t seen = 0;
  for (const auto& [name, value] : expected.at("values").items()) {
    const auto* metric = find(metrics, name);
    ASSERT_TRUE(metric) << name;
    EXPECT_NEAR(metric->value, value, kClose * std::max(1.0, std::abs(value.get<double>())))
        << name;
    EXPECT_TRUE(metric->absent.empty()) << name;
    ++seen;
  }
  for (const auto& [name, labels] : expected.at("of").items()) {
    for (const auto& [label, value] : labels.items()) {
      const auto* metric = find(metrics, name, "c" + label);
      ASSERT_TRUE(metric) << name << " of " << label;
      ++seen;
      EXPECT_EQ(metric->absent.empty(), !value.is_null()) << name << " of " << label;
      if (value.is_null()) continue;
      EXPECT_NEAR(metric->value, value, 1e-11) << name << " of " << label;
    }
  }
  EXPECT_EQ(seen, metrics.size()) << "a metric without a golden number";
}

ClassPredictions golden_classes(const json& given) {
  return classes_of(given.at("classes"), probabilities_of(given.at("sixty_fourths")),
                    given.at("labels").get<std::vector<int64_t>>());
}

TEST(GoldenMetrics, ClassificationEqualsScikitLearn) {
  for (const char* name : {"seven_classes", "two_classes"}) {
    SCOPED_TRACE(name);
    const auto& given = golden().at(name);
    const auto predictions = golden_classes(given);
    expect_values(classification_scores(predictions, {}), given);
    const auto matrix = confusion(predictions);
    for (size_t label = 0; label < matrix.names.size(); ++label) {
      for (size_t answer = 0; answer < matrix.names.size(); ++answer) {
        EXPECT_EQ(matrix.at(label, answer), given.at("confusion")[label][answer]);
      }
    }
  }
}

TEST(GoldenMetrics, MultiLabelEqualsScikitLearn) {
  const auto& given = golden().at("multi_label");
  LabelPredictions predictions{
      matrix(4, probabilities_of(given.at("sixty_fourths"))), {}, class_names(4)};
  for (const auto& row : given.at("labels")) {
    for (const int64_t label : row) predictions.labels.push_back(label);
  }
  expect_values(multi_label_scores(predictions, {}), given);
}

TEST(GoldenMetrics, RegressionEqualsScikitLearnAndScipy) {
  const auto& given = golden().at("regression");
  const ValuePredictions predictions{matrix(2, column(given.at("answers"), 2)),
                                     matrix(2, column(given.at("targets"), 2)), class_names(2)};
  expect_values(regression_scores(predictions, {}), given);
}

TEST(GoldenMetrics, McNemarEqualsStatsmodels) {
  for (const auto& table : golden().at("paired").at("mcnemar")) {
    const int64_t a = table.at("first_only"), b = table.at("second_only");
    std::vector<double> first = {1, 0}, second = {1, 0};
    for (int64_t i = 0; i < a + b; ++i) {
      first.push_back(i < a);
      second.push_back(i >= a);
    }
    const auto test = mcnemar(first, second);
    EXPECT_EQ(test.first_only, a);
    EXPECT_EQ(test.second_only, b);
    EXPECT_NEAR(test.p, table.at("p"), 1e-10) << a << " " << b;
    EXPECT_NEAR(test.mid_p, table.at("mid_p"), 1e-10) << a << " " << b;
  }
}

TEST(GoldenMetrics, PairedTEqualsScipy) {
  const auto& given = golden().at("paired").at("t");
  const auto test = paired_t(given.at("first").get<std::vector<double>>(),
                             given.at("second").get<std::vector<double>>());
  EXPECT_NEAR(test.p, given.at("p"), kClose);
  EXPECT_NEAR(test.interval.low, given.at("low"), kClose);
  EXPECT_NEAR(test.interval.high, given.at("high"), kClose);
}

TEST(GoldenMetrics, StudentTEqualsScipy) {
  for (const auto& point : golden().at("paired").at("student_t")) {
    const double expected = point.at("p"), beyond = point.at("beyond");
    // Relative, as tails are small; lgamma of 5000 has an error of about 1e-12.
    EXPECT_NEAR(student_t_two_sided(point.at("t"), point.at("freedom")), expected,
                1e-10 * expected);
    EXPECT_NEAR(student_t_beyond(0.05, point.at("freedom")), beyond, 1e-10 * beyond);
  }
}

TEST(GoldenMetrics, SignFlipEqualsAllPatterns) {
  const auto& given = golden().at("paired").at("sign_flip");
  const auto difference = given.at("difference").get<std::vector<double>>();
  std::vector<int64_t> group(difference.size());
  for (size_t i = 0; i < group.size(); ++i) group[i] = static_cast<int64_t>(i);
  const std::vector<double> zero(difference.size());
  EXPECT_DOUBLE_EQ(sign_flip(difference, zero, group, 0).p, given.at("p"));
}

TEST(GoldenMetrics, HolmEqualsStatsmodels) {
  const auto& given = golden().at("paired").at("holm");
  const auto adjusted = holm(given.at("p").get<std::vector<double>>());
  for (size_t i = 0; i < adjusted.size(); ++i) {
    EXPECT_NEAR(adjusted[i], given.at("adjusted")[i], 1e-15);
  }
}

}  // namespace
}  // namespace braid
