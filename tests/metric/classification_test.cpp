#include "braid/metric/classification.h"

#include <gtest/gtest.h>

#include "braid/core/error.h"
#include "tests/metric/predictions.h"

namespace braid {
namespace {

using metric_test::find;

// Class a: three of four right; b: none of two; the others do not occur.
const std::vector<ClassRank> kValues = {{1, 0, 0}, {1, 0, 1}, {1, 0, 2},
                                        {6, 0, 3}, {2, 1, 4}, {5, 1, 5}};
const std::vector<std::string> kClasses = {"a", "b", "c", "d", "e", "f"};

TEST(Classification, HandWorked) {
  const auto metrics = classification_metrics(kValues, kClasses, {});
  ASSERT_TRUE(find(metrics, "accuracy"));
  EXPECT_DOUBLE_EQ(find(metrics, "accuracy")->value, 3.0 / 6);
  EXPECT_DOUBLE_EQ(*find(metrics, "accuracy")->chance, 1.0 / 6);
  EXPECT_DOUBLE_EQ(find(metrics, "accuracy@5")->value, 5.0 / 6);
  EXPECT_DOUBLE_EQ(*find(metrics, "accuracy@5")->chance, 5.0 / 6);
  EXPECT_DOUBLE_EQ(find(metrics, "balanced_accuracy")->value, (3.0 / 4 + 0) / 2);
  EXPECT_DOUBLE_EQ(find(metrics, "accuracy", "a")->value, 3.0 / 4);
  EXPECT_DOUBLE_EQ(find(metrics, "accuracy", "b")->value, 0);
  EXPECT_EQ(find(metrics, "accuracy", "a")->n, 4);
  EXPECT_FALSE(find(metrics, "accuracy", "c"));
  for (const auto& metric : metrics) {
    EXPECT_EQ(metric.gallery, 6);
    EXPECT_LE(metric.low, metric.value);
    EXPECT_GE(metric.high, metric.value);
  }
}

TEST(Classification, FiveOfFiveIsNoQuestion) {
  const auto metrics = classification_metrics({{1, 0, 0}}, {"a", "b", "c", "d", "e"}, {});
  EXPECT_FALSE(find(metrics, "accuracy@5"));
}

TEST(Classification, RefusesWhatIsNoClass) {
  EXPECT_THROW(classification_metrics({}, kClasses, {}), Error);
  EXPECT_THROW(classification_metrics({{0, 0, 0}}, kClasses, {}), Error);
  EXPECT_THROW(classification_metrics({{7, 0, 0}}, kClasses, {}), Error);
  EXPECT_THROW(classification_metrics({{1, 6, 0}}, kClasses, {}), Error);
}

Metric recall(const std::string& asks, const std::string& searched, double value,
              const std::string& language = "") {
  Metric m;
  m.name = "recall@10";
  m.protocol = "test";
  m.query_field = asks;
  m.gallery_field = searched;
  m.language = language;
  m.value = value;
  return m;
}

TEST(RecallMatrix, HoldsEveryOrderedPairOfEachLanguage) {
  const std::vector<Metric> metrics = {
      recall("text", "image", 0.1, "en"), recall("image", "text", 0.2, "en"),
      recall("text", "image", 0.3, "zh"), recall("image", "sound", 0.5)};
  const auto matrices = recall_matrices(metrics);
  ASSERT_EQ(matrices.size(), 2u);
  EXPECT_EQ(matrices[0].language, "en");
  EXPECT_EQ(matrices[0].fields, (std::vector<std::string>{"text", "image", "sound"}));
  EXPECT_EQ(matrices[0].values[0][1], 0.1);
  EXPECT_EQ(matrices[0].values[1][0], 0.2);
  EXPECT_EQ(matrices[0].values[1][2], 0.5);
  EXPECT_EQ(matrices[0].values[2][1], std::nullopt);
  EXPECT_EQ(matrices[1].values[0][1], 0.3);
  EXPECT_EQ(matrices[1].values[1][0], std::nullopt);
  EXPECT_NE(matrix_table(matrices[0]).find("0.500"), std::string::npos);
  EXPECT_NE(matrices_json(matrices).find("\"sound\": 0.5"), std::string::npos);
}

TEST(RecallMatrix, TwoFieldsNeedNone) {
  const std::vector<Metric> metrics = {recall("a", "b", 0.1), recall("b", "a", 0.2)};
  EXPECT_TRUE(recall_matrices(metrics).empty());
}

}  // namespace
}  // namespace braid
