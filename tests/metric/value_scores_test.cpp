#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "braid/core/error.h"
#include "tests/metric/predictions.h"

namespace braid {
namespace {

using namespace metric_test;
using testing::HasSubstr;

ValuePredictions values_of(size_t width, const std::vector<double>& answers,
                           const std::vector<double>& targets) {
  return {matrix(width, answers), matrix(width, targets), class_names(width)};
}

TEST(ValueScores, HandWorked) {
  const auto metrics = regression_scores(values_of(1, {1, 2, 5}, {2, 2, 8}), {});
  EXPECT_DOUBLE_EQ(find(metrics, "mae")->value, 4.0 / 3);
  EXPECT_DOUBLE_EQ(find(metrics, "rmse")->value, std::sqrt(10.0 / 3));
  EXPECT_DOUBLE_EQ(find(metrics, "r2")->value, 1 - 10.0 / 24);
  EXPECT_DOUBLE_EQ(*find(metrics, "mae")->chance, 2);  // of the median, 2
  EXPECT_DOUBLE_EQ(*find(metrics, "rmse")->chance, std::sqrt(24.0 / 3));
  EXPECT_DOUBLE_EQ(*find(metrics, "r2")->chance, 0);
  // Ranks 1 2 3 against 1.5 1.5 3: covariance 1.5, variances 2 and 1.5.
  EXPECT_NEAR(find(metrics, "spearman")->value, 1.5 / std::sqrt(3.0), 1e-15);
  EXPECT_EQ(metrics.size(), 5u);  // one target needs no line of its own
}

TEST(ValueScores, AnsweringTheMeanScoresZeroAndItsChance) {
  const auto metrics = regression_scores(values_of(1, {4, 4, 4}, {1, 4, 7}), {});
  EXPECT_DOUBLE_EQ(find(metrics, "r2")->value, 0);
  EXPECT_DOUBLE_EQ(find(metrics, "rmse")->value, *find(metrics, "rmse")->chance);
  EXPECT_DOUBLE_EQ(find(metrics, "mae")->value, *find(metrics, "mae")->chance);
  EXPECT_EQ(find(metrics, "pearson")->absent, "the answer is constant");
}

TEST(ValueScores, OtherUnitsChangeErrorsOnly) {
  std::vector<double> answers, targets, far_answers, far_targets;
  Rng rng(2);
  for (int i = 0; i < 50; ++i) {
    targets.push_back(rng.normal());
    answers.push_back(targets.back() + rng.normal());
    far_targets.push_back(-8 * targets.back() + 3);
    far_answers.push_back(-8 * answers.back() + 3);
  }
  const auto near = regression_scores(values_of(1, answers, targets), {});
  const auto far = regression_scores(values_of(1, far_answers, far_targets), {});
  EXPECT_NEAR(find(far, "mae")->value, 8 * find(near, "mae")->value, 1e-12);
  EXPECT_NEAR(find(far, "rmse")->high, 8 * find(near, "rmse")->high, 1e-12);
  for (const char* name : {"r2", "pearson", "spearman"}) {
    EXPECT_NEAR(find(far, name)->value, find(near, name)->value, 1e-12) << name;
    EXPECT_NEAR(find(far, name)->low, find(near, name)->low, 1e-12) << name;
  }
}

TEST(ValueScores, RankCorrelationSeesOrderOnly) {
  const std::vector<double> x = {0.1, 0.4, 0.2, 0.9, 0.9};
  std::vector<double> y;
  for (const double v : x) y.push_back(std::exp(5 * v));
  EXPECT_DOUBLE_EQ(find(regression_scores(values_of(1, x, y), {}), "spearman")->value, 1);
}

TEST(ValueScores, EachTargetByItself) {
  const auto metrics =
      regression_scores(values_of(2, {1, 10, 2, 30, 3, 20}, {1, 20, 2, NAN, 4, 20}), {});
  EXPECT_DOUBLE_EQ(find(metrics, "mae", "c0")->value, 1.0 / 3);
  EXPECT_DOUBLE_EQ(find(metrics, "mae", "c1")->value, 5);
  EXPECT_DOUBLE_EQ(find(metrics, "mae")->value, (1.0 / 3 + 5) / 2);
  EXPECT_EQ(find(metrics, "mae", "c1")->n, 2);
  EXPECT_EQ(find(metrics, "r2", "c1")->absent, "the target is constant");
  EXPECT_DOUBLE_EQ(find(metrics, "r2")->value, find(metrics, "r2", "c0")->value);
}

TEST(ValueScores, AbsentWhereThereIsNothingToExplain) {
  const auto constant = regression_scores(values_of(1, {1, 2}, {0.1, 0.1}), {});
  EXPECT_EQ(find(constant, "r2")->absent, "the target is constant");
  EXPECT_DOUBLE_EQ(find(constant, "mae")->value, 1.4);
  const auto single = regression_scores(values_of(1, {1}, {2}), {});
  EXPECT_EQ(find(single, "r2")->absent, "one sample only");
  const auto none = regression_scores(values_of(2, {1, 1, 2, 2}, {1, NAN, 2, NAN}), {});
  EXPECT_EQ(find(none, "mae", "c1")->absent, "no target");
}

TEST(ValueScores, RefuseWhatIsNotFinite) {
  const auto message = [](const ValuePredictions& given, ErrorCode code) -> std::string {
    try {
      regression_scores(given, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(values_of(1, {1, NAN}, {1, 1}), ErrorCode::kInput),
            "regression: predictions: row 1, 'c0': expected a finite number, got nan");
  EXPECT_EQ(message(values_of(1, {1}, {INFINITY}), ErrorCode::kInput),
            "regression: targets: row 0, 'c0': expected a finite number or NaN (missing), got inf");
  EXPECT_EQ(message(values_of(1, {1}, {NAN}), ErrorCode::kInput),
            "regression: expected a target, got none in 1 rows");
  EXPECT_THAT(message(values_of(1, {1, 2}, {1}), ErrorCode::kShape), HasSubstr("rows of targets"));
}

}  // namespace
}  // namespace braid
