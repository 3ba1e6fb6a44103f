#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "braid/core/error.h"
#include "braid/metric/calibration.h"
#include "braid/metric/confusion.h"
#include "tests/metric/predictions.h"

namespace braid {
namespace {

using namespace metric_test;
using testing::HasSubstr;

double value_of(const std::vector<Metric>& metrics, const std::string& name,
                const std::string& label = "") {
  const auto* metric = find(metrics, name, label);
  EXPECT_TRUE(metric) << name;
  return metric ? metric->value : NAN;
}

std::string class_error(const ClassPredictions& predictions, ErrorCode code) {
  try {
    classification_scores(predictions, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "no error";
}

TEST(ClassScores, HandWorkedOfTwoClasses) {
  // Scores .9+ .8- .4+ .4- .1-: of six pairs 3 + 1 + 0.5 are ordered, the tie counts a half.
  const auto metrics =
      classification_scores(two_classes({0.9, 0.75, 0.375, 0.375, 0.125}, {1, 0, 1, 0, 0}), {});
  EXPECT_DOUBLE_EQ(value_of(metrics, "auroc"), 4.5 / 6);
  EXPECT_DOUBLE_EQ(value_of(metrics, "average_precision"), 0.5 * 1 + 0.5 * 2 / 4);
  EXPECT_DOUBLE_EQ(value_of(metrics, "accuracy"), 3.0 / 5);
  EXPECT_DOUBLE_EQ(value_of(metrics, "sensitivity"), 1.0 / 2);
  EXPECT_DOUBLE_EQ(value_of(metrics, "specificity"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value_of(metrics, "precision"), 1.0 / 2);
  EXPECT_DOUBLE_EQ(value_of(metrics, "f1"), 1.0 / 2);
  EXPECT_DOUBLE_EQ(value_of(metrics, "balanced_accuracy"), (1.0 / 2 + 2.0 / 3) / 2);
  EXPECT_NEAR(value_of(metrics, "brier"), (0.01 + 0.5625 + 0.390625 + 0.140625 + 0.015625) / 5,
              1e-15);
  EXPECT_NEAR(
      value_of(metrics, "nll"),
      -(std::log(0.9) + std::log(0.25) + std::log(0.375) + std::log(0.625) + std::log(0.875)) / 5,
      1e-15);
  EXPECT_EQ(find(metrics, "recall", "c1")->n, 2);
  EXPECT_EQ(find(metrics, "accuracy")->n, 5);
  EXPECT_EQ(find(metrics, "accuracy")->task, "classification");
}

TEST(ClassScores, ChanceIsWhatThePriorGives) {
  auto given = two_classes({0.5, 0.5, 0.5, 0.5}, {0, 0, 0, 1});
  auto metrics = classification_scores(given, {});
  EXPECT_DOUBLE_EQ(*find(metrics, "accuracy")->chance, 0.75);
  EXPECT_DOUBLE_EQ(*find(metrics, "balanced_accuracy")->chance, 0.5);
  EXPECT_DOUBLE_EQ(*find(metrics, "nll")->chance, -(0.75 * std::log(0.75) + 0.25 * std::log(0.25)));
  EXPECT_DOUBLE_EQ(*find(metrics, "brier")->chance, 0.75 * 0.25);
  EXPECT_DOUBLE_EQ(*find(metrics, "average_precision")->chance, 0.25);
  EXPECT_FALSE(find(metrics, "ece")->chance);
  given.prior = {10, 30};  // training had mostly the other class
  metrics = classification_scores(given, {});
  EXPECT_DOUBLE_EQ(*find(metrics, "accuracy")->chance, 0.25);
  EXPECT_DOUBLE_EQ(*find(metrics, "nll")->chance, -(0.75 * std::log(0.25) + 0.25 * std::log(0.75)));
}

TEST(ClassScores, AnsweringThePriorScoresItsChance) {
  std::vector<double> rows;
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 28; ++i) {
    rows.insert(rows.end(), {0.0625, 0.125, 0.25, 0.0625, 0.25, 0.25});
    labels.push_back(i < 7 ? 2 : i % 6);
  }
  auto given = classes_of(6, rows, labels);
  given.prior = {1, 2, 4, 1, 4, 4};
  for (const auto& m : classification_scores(given, {})) {
    if (!m.chance || !m.absent.empty()) continue;
    EXPECT_NEAR(m.value, *m.chance, 1e-14) << m.name << " of " << m.label;
  }
}

TEST(ClassScores, FlippedLabelsTurnAurocOver) {
  auto given = random_classes(60, 2, 3);
  const auto before = classification_scores(given, {});
  for (auto& label : given.labels) label = 1 - label;
  const auto after = classification_scores(given, {});
  EXPECT_NEAR(value_of(after, "auroc"), 1 - value_of(before, "auroc"), 1e-15);
}

TEST(ClassScores, RankFiguresIgnoreHowProbabilitiesAreStretched) {
  auto given = random_classes(60, 2, 4);
  std::vector<double> stretched;
  for (size_t i = 0; i < 60; ++i) {
    const double p = given.probabilities.values<double>()[2 * i + 1];
    stretched.push_back(p * p * p);
  }
  const auto plain = classification_scores(given, {});
  const auto cubed = classification_scores(two_classes(stretched, given.labels), {});
  EXPECT_EQ(value_of(plain, "auroc"), value_of(cubed, "auroc"));
  EXPECT_EQ(value_of(plain, "average_precision"), value_of(cubed, "average_precision"));
}

TEST(ClassScores, DoNotDependOnTheOrderOfSamples) {
  const auto given = random_classes(80, 7, 5);
  const auto before = classification_statistics(given, {});
  const auto after = classification_statistics(reordered(given, permutation(80, Rng(1))), {});
  const std::vector<int32_t> once(80, 1);
  const auto a = before.values(once), b = after.values(once);
  ASSERT_EQ(a.size(), before.metrics.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-13) << before.metrics[i].name;
}

TEST(ClassScores, CountingASampleTwiceIsHavingItTwice) {
  const auto given = random_classes(30, 4, 6);
  std::vector<int64_t> doubled;
  std::vector<int32_t> times;
  for (int64_t i = 0; i < 30; ++i) {
    times.push_back(static_cast<int32_t>(i % 3));
    for (int64_t k = 0; k < i % 3; ++k) doubled.push_back(i);
  }
  auto longer = given;
  longer.labels.resize(doubled.size());
  const auto weighted = classification_statistics(given, {}).values(times);
  const auto repeated = classification_statistics(reordered(longer, doubled), {})
                            .values(std::vector<int32_t>(doubled.size(), 1));
  ASSERT_EQ(weighted.size(), repeated.size());
  for (size_t i = 0; i < weighted.size(); ++i) EXPECT_NEAR(weighted[i], repeated[i], 1e-13) << i;
}

TEST(ClassScores, IntervalOfAccuracyIsThatOfTheBinomial) {
  std::vector<double> p(400, 0.75);
  std::vector<int64_t> labels(400, 1);
  std::fill_n(labels.begin(), 120, 0);
  const auto metrics = classification_scores(two_classes(p, labels), {});
  const auto* accuracy = find(metrics, "accuracy");
  const double reach = 1.96 * std::sqrt(0.3 * 0.7 / 400);  // 0.045; of 1000 resamples within 10 %
  EXPECT_NEAR(accuracy->low, 0.7 - reach, 0.006);
  EXPECT_NEAR(accuracy->high, 0.7 + reach, 0.006);
}

TEST(ClassScores, CopiesOfASampleInOneGroupTellNothingNew) {
  const auto given = random_classes(40, 3, 7);
  std::vector<int64_t> each_thrice;
  auto copies = given;
  copies.group.clear();
  for (int64_t i = 0; i < 40; ++i) each_thrice.insert(each_thrice.end(), {i, i, i});
  copies.labels.resize(120);
  copies = reordered(copies, each_thrice);
  copies.group = each_thrice;
  const auto one = classification_scores(given, {}), three = classification_scores(copies, {});
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_NEAR(one[i].value, three[i].value, 1e-13);
    EXPECT_NEAR(one[i].low, three[i].low, 1e-13) << one[i].name;
    EXPECT_NEAR(one[i].high, three[i].high, 1e-13) << one[i].name;
  }
}

TEST(ClassScores, OneClassOnlyHasNoAuroc) {
  const auto metrics = classification_scores(two_classes({0.75, 0.25}, {1, 1}), {});
  EXPECT_EQ(find(metrics, "auroc")->absent, "one class only");
  EXPECT_EQ(find(metrics, "average_precision")->absent, "one class only");
  EXPECT_EQ(find(metrics, "specificity")->absent, "no sample of c0");
  EXPECT_FALSE(find(metrics, "auroc")->chance);
  EXPECT_DOUBLE_EQ(value_of(metrics, "accuracy"), 0.5);
  EXPECT_FALSE(find(metrics, "recall", "c0"));
}

TEST(ClassScores, AClassNeverAnsweredHasNoPrecision) {
  const auto metrics =
      classification_scores(classes_of(3, {1, 0, 0, 1, 0, 0, 0, 1, 0}, {0, 2, 1}), {});
  EXPECT_EQ(find(metrics, "precision", "c2")->absent, "never answered");
  EXPECT_EQ(value_of(metrics, "recall", "c2"), 0);
  EXPECT_EQ(value_of(metrics, "f1", "c2"), 0);
}

TEST(ClassScores, MissingLabelsDoNotCount) {
  const auto with = classification_scores(two_classes({0.75, 0.5, 0.25}, {1, -1, 0}), {});
  EXPECT_EQ(find(with, "accuracy")->n, 2);
  EXPECT_DOUBLE_EQ(value_of(with, "accuracy"), 1);
  EXPECT_DOUBLE_EQ(value_of(with, "auroc"), 1);
}

TEST(ClassScores, EqualProbabilitiesAnswerTheFirstClass) {
  const auto metrics =
      classification_scores(classes_of(6, std::vector<double>(12, 1.0 / 6), {0, 5}), {});
  EXPECT_DOUBLE_EQ(value_of(metrics, "accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(value_of(metrics, "accuracy@5"), 0.5);  // the sixth class has the sixth place
  EXPECT_DOUBLE_EQ(value_of(metrics, "auroc"), 0.5);
}

TEST(ClassScores, RefusesWhatAreNoProbabilities) {
  const auto row = [](double a, double b) { return classes_of(2, {0.5, 0.5, a, b}, {0, 1}); };
  EXPECT_EQ(class_error(row(NAN, 0.5), ErrorCode::kInput),
            "classification: probabilities: row 1, 'c0': expected a number from 0 to 1, got nan");
  EXPECT_THAT(class_error(row(INFINITY, 0), ErrorCode::kInput), HasSubstr("got inf"));
  EXPECT_THAT(class_error(row(-0.5, 1.5), ErrorCode::kInput), HasSubstr("got -0.5"));
  EXPECT_EQ(class_error(row(0.5, 0.25), ErrorCode::kInput),
            "classification: probabilities: row 1: expected a sum of 1, got 0.75");
}

TEST(ClassScores, RefusesWhatDoesNotMatch) {
  EXPECT_EQ(class_error(two_classes({0.5}, {2}), ErrorCode::kInput),
            "classification: labels: row 0: expected -1 (missing) .. 1, got 2");
  EXPECT_THAT(class_error(two_classes({0.5}, {0, 1}), ErrorCode::kShape),
              HasSubstr("labels, one for each row: expected 1, got 2"));
  EXPECT_EQ(class_error(two_classes({0.5, 0.5}, {-1, -1}), ErrorCode::kInput),
            "classification: expected a label, got none in 2 rows");
  auto given = two_classes({0.5}, {0});
  given.group = {1, 2};
  EXPECT_THAT(class_error(given, ErrorCode::kShape), HasSubstr("groups, one for each row"));
  given = two_classes({0.5}, {0});
  given.prior = {1};
  EXPECT_THAT(class_error(given, ErrorCode::kShape), HasSubstr("prior"));
  given.prior = {0, 0};
  EXPECT_THAT(class_error(given, ErrorCode::kInput), HasSubstr("above 0"));
  given = two_classes({0.5}, {0});
  given.names.push_back("third");
  EXPECT_THAT(class_error(given, ErrorCode::kShape), HasSubstr("[N, 3] of F32 or F64, got [1, 2]"));
  EXPECT_THAT(class_error({Array(), {}, {"a", "b"}}, ErrorCode::kShape), HasSubstr("nothing"));
  EXPECT_THAT(class_error({Array(DType::kF64, {0, 2}), {}, {"a", "b"}}, ErrorCode::kInput),
              HasSubstr("expected samples, got none"));
  EXPECT_THAT(class_error(classes_of(1, {1}, {0}), ErrorCode::kShape), HasSubstr("two or more"));
}

TEST(ClassScores, ReadsFloats) {
  ClassPredictions given{
      Array::of<float>({2, 2}, std::vector<float>{0.3f, 0.7f, 0.6f, 0.4f}), {1, 0}, {"a", "b"}};
  EXPECT_EQ(value_of(classification_scores(given, {}), "accuracy"), 1);
}

TEST(ClassScores, CertainMistakesCostTheLogOfEpsilon) {
  const auto metrics = classification_scores(two_classes({0, 1}, {1, 1}), {});
  EXPECT_DOUBLE_EQ(value_of(metrics, "nll"), 52 * std::log(2.0) / 2);
}

TEST(Correctness, SaysWhichSamplesAreRight) {
  EXPECT_EQ(correctness(two_classes({0.75, 0.5, 0.5, 0.25}, {1, 1, -1, 0})),
            (std::vector<double>{1, 0, 1}));
}

TEST(OnlyNamed, KeepsTheMetricsAskedFor) {
  const std::vector<std::string> names = {"auroc"};
  const auto own = only_named(classification_statistics(random_classes(30, 3, 1), {}), names);
  ASSERT_EQ(own.metrics.size(), 4u);  // all classes, and each of three
  const auto all = classification_scores(random_classes(30, 3, 1), {});
  const auto some = measured(own);
  EXPECT_EQ(some[0].value, value_of(all, "auroc"));
  EXPECT_EQ(some[3].low, find(all, "auroc", "c2")->low);
  const std::vector<std::string> odd = {"aurok"};
  EXPECT_THROW(only_named(own, odd), Error);
}

TEST(Calibration, BinsAreClosedAbove) {
  EXPECT_EQ(calibration_bin(0), 0u);
  EXPECT_EQ(calibration_bin(0.2), 2u);
  EXPECT_EQ(calibration_bin(0.2000001), 3u);
  EXPECT_EQ(calibration_bin(1), 14u);
}

TEST(Calibration, ReliabilityHoldsWhatEceSumsUp) {
  const auto given = random_classes(90, 4, 8);
  double sum = 0;
  int64_t count = 0;
  for (const auto& bin : reliability(given)) {
    sum += static_cast<double>(bin.count) / 90 * std::abs(bin.confidence - bin.right);
    count += bin.count;
    EXPECT_TRUE(bin.count == 0 || bin.confidence > bin.low);
    EXPECT_LE(bin.confidence, bin.high);
  }
  EXPECT_EQ(count, 90);
  EXPECT_NEAR(value_of(classification_scores(given, {}), "ece"), sum, 1e-14);
}

TEST(Calibration, IsPerfectWhereSharesAreAsStated) {
  EXPECT_NEAR(
      value_of(classification_scores(two_classes({0.75, 0.75, 0.75, 0.75}, {1, 1, 1, 0}), {}),
               "ece"),
      0, 1e-15);
}

TEST(Confusion, CountsAndPrints) {
  const auto given = confusion(two_classes({0.75, 0.25, 0.75, 0.75}, {1, 1, 1, 0}));
  EXPECT_EQ(given.counts, (std::vector<int64_t>{0, 1, 1, 2}));
  EXPECT_EQ(confusion_table(given),
            "rows are true, columns answered\n"
            "                          c0        c1\n"
            "  c0                       0         1\n"
            "  c1                       1         2\n");
  EXPECT_THAT(confusion_json(given), HasSubstr("\"classes\""));
  const auto wide = confusion_table(confusion(random_classes(50, 12, 1)));
  EXPECT_THAT(wide, HasSubstr("most frequent mistakes"));
}

}  // namespace
}  // namespace braid
