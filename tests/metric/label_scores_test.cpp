#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "braid/core/error.h"
#include "braid/metric/calibration.h"
#include "tests/metric/predictions.h"

namespace braid {
namespace {

using namespace metric_test;
using testing::HasSubstr;

LabelPredictions labels_of(size_t width, const std::vector<double>& probabilities,
                           const std::vector<int64_t>& labels) {
  return {matrix(width, probabilities), labels, class_names(width)};
}

TEST(LabelScores, HandWorked) {
  // c0: right, missed, not known; c1: named in vain, rightly not, right.
  const auto metrics = multi_label_scores(
      labels_of(2, {0.75, 0.75, 0.25, 0.25, 0.5, 0.75}, {1, 0, 1, 0, -1, 1}), {});
  EXPECT_DOUBLE_EQ(find(metrics, "micro_f1")->value, 2.0 * 2 / (3 + 3));
  EXPECT_DOUBLE_EQ(find(metrics, "f1", "c0")->value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(find(metrics, "f1", "c1")->value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(find(metrics, "macro_f1")->value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(find(metrics, "hamming")->value, 2.0 / 5);
  EXPECT_DOUBLE_EQ(find(metrics, "subset_accuracy")->value, 0);
  EXPECT_EQ(find(metrics, "auroc", "c0")->absent, "always there");
  EXPECT_DOUBLE_EQ(find(metrics, "auroc", "c1")->value, 1.5 / 2);
  EXPECT_DOUBLE_EQ(find(metrics, "auroc")->value, 1.5 / 2);  // of the labels that have one
  EXPECT_DOUBLE_EQ(find(metrics, "average_precision")->value, 1.0 / 2);
  EXPECT_DOUBLE_EQ(*find(metrics, "hamming")->chance, (0 + 3 * (1.0 / 3)) / 5);
  EXPECT_EQ(find(metrics, "recall", "c1")->n, 1);
  EXPECT_EQ(find(metrics, "micro_f1")->n, 3);
}

TEST(LabelScores, OneLabelIsTheBinaryQuestion) {
  const auto two = random_classes(70, 2, 9);
  std::vector<double> p;
  for (size_t i = 0; i < 70; ++i) p.push_back(two.probabilities.values<double>()[2 * i + 1]);
  const auto binary = classification_scores(two, {});
  const auto label = multi_label_scores(labels_of(1, p, two.labels), {});
  for (const char* name : {"auroc", "average_precision", "nll", "brier"}) {
    EXPECT_NEAR(find(label, name)->value, find(binary, name)->value, 1e-14) << name;
    EXPECT_NEAR(find(label, name)->low, find(binary, name)->low, 1e-14) << name;
  }
  EXPECT_NEAR(find(label, "micro_f1")->value, find(binary, "f1")->value, 1e-15);
  EXPECT_NEAR(find(label, "hamming")->value, 1 - find(binary, "accuracy")->value, 1e-15);
  EXPECT_EQ(find(label, "subset_accuracy")->value, find(binary, "accuracy")->value);
}

TEST(LabelScores, ALabelThatIsNeverThereHasNoRank) {
  const auto metrics = multi_label_scores(labels_of(2, {0.75, 0.25, 0.25, 0.25}, {1, 0, 0, 0}), {});
  EXPECT_EQ(find(metrics, "auroc", "c1")->absent, "never there");
  EXPECT_EQ(find(metrics, "f1", "c1")->absent, "never there, never answered");
  EXPECT_DOUBLE_EQ(find(metrics, "macro_f1")->value, 1);
  const auto none = multi_label_scores(labels_of(1, {0.25}, {0}), {});
  EXPECT_EQ(find(none, "auroc")->absent, "every label is one-sided");
}

TEST(LabelScores, RowsWithoutAKnownLabelDoNotCount) {
  const auto given = labels_of(2, {0.75, 0.25, 0.5, 0.5}, {1, 0, -1, -1});
  EXPECT_EQ(find(multi_label_scores(given, {}), "micro_f1")->n, 1);
  int64_t cells = 0;
  for (const auto& bin : reliability(given)) cells += bin.count;
  EXPECT_EQ(cells, 2);
}

TEST(LabelScores, RefuseWhatDoesNotFit) {
  const auto message = [](const LabelPredictions& given, ErrorCode code) -> std::string {
    try {
      multi_label_scores(given, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(labels_of(1, {NAN}, {1}), ErrorCode::kInput),
            "multi-label: probabilities: row 0, 'c0': expected a number from 0 to 1, got nan");
  EXPECT_EQ(message(labels_of(2, {0.5, 0.5}, {1, 2}), ErrorCode::kInput),
            "multi-label: labels: row 0, 'c1': expected 1, 0 or -1 (not known), got 2");
  EXPECT_THAT(message(labels_of(2, {0.5, 0.5}, {1}), ErrorCode::kShape), HasSubstr("got 1"));
  EXPECT_THAT(message(labels_of(1, {0.5}, {-1}), ErrorCode::kInput), HasSubstr("got none"));
  EXPECT_THAT(message({matrix(1, {0.5}), {1}, {}}, ErrorCode::kShape), HasSubstr("one or more"));
}

}  // namespace
}  // namespace braid
