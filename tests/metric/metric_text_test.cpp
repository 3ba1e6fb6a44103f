#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "braid/core/text.h"
#include "braid/metric/metric.h"

namespace braid {
namespace {

Metric sample(const char* name, double value) {
  Metric m;
  m.name = name;
  m.direction = "text->image";
  m.query_field = "text";
  m.gallery_field = "image";
  m.language = "zh";
  m.protocol = "A";
  m.gallery = 185;
  m.captions_per_item = 1;
  m.n = 184;
  m.split = "test";
  m.seed = 7;
  m.value = value;
  m.low = value / 2;
  m.high = value * 2;
  return m;
}

TEST(MetricsJson, HoldsEveryMemberUnderItsName) {
  const auto m = sample("recall@10", 0.4564516129032258);
  const auto json = nlohmann::json::parse(metrics_json(std::vector{m}));
  const nlohmann::json expected = {{"name", "recall@10"},
                                   {"direction", "text->image"},
                                   {"query_field", "text"},
                                   {"gallery_field", "image"},
                                   {"language", "zh"},
                                   {"protocol", "A"},
                                   {"gallery", 185},
                                   {"captions_per_item", 1},
                                   {"n", 184},
                                   {"split", "test"},
                                   {"seed", 7},
                                   {"value", m.value},
                                   {"low", m.low},
                                   {"high", m.high},
                                   {"label", m.label},
                                   {"chance", nullptr}};
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0], expected);  // numbers come back to the last bit
}

TEST(MetricsJson, StaysJsonForNoMetricsBadUtf8AndNan) {
  EXPECT_EQ(metrics_json({}), "[]");
  auto m = sample("a\xff", NAN);
  const auto json = nlohmann::json::parse(metrics_json(std::vector{m}));
  EXPECT_EQ(json[0]["name"], "a\uFFFD");
  EXPECT_TRUE(json[0]["value"].is_null());
}

TEST(MetricsTable, ShowsTheProtocolOnceAndTheIntervalOfEachValue) {
  auto english = sample("recall@1", 0.125);
  english.language = "en";
  const auto text =
      metrics_table(std::vector{sample("recall@10", 0.25), sample("median_rank", 12), english});
  EXPECT_EQ(text,
            "protocol A  test  text->image  zh  gallery 185  n 184  seed 7\n"
            "  recall@10            0.250   95 % interval     0.125 .. 0.500\n"
            "  median_rank           12.0   95 % interval       6.0 .. 24.0\n"
            "\n"
            "protocol A  test  text->image  en  gallery 185  n 184  seed 7\n"
            "  recall@1             0.125   95 % interval     0.062 .. 0.250\n");
}

TEST(MetricsTable, StaysWithinEightyColumns) {
  auto m = sample("recall@10", 0.5);
  m.protocol = "withheld names, whole gallery";
  m.direction = "time_series->point_cloud";
  m.captions_per_item = 5;
  for (const auto& line : split(metrics_table(std::vector{m}), '\n')) EXPECT_LE(line.size(), 80u);
}

Metric of_task(const char* name, double value, const char* label = "") {
  Metric m;
  m.name = name;
  m.task = "digit";
  m.split = "test";
  m.gallery = 10;
  m.n = *label ? 50 : 500;
  m.label = label;
  m.value = value;
  m.low = value / 2;
  m.high = value * 2;
  return m;
}

TEST(MetricsJson, SaysTheTaskAndWhyAMetricIsAbsent) {
  auto m = of_task("auroc", NAN);
  m.absent = "one class only";
  const auto json = nlohmann::json::parse(metrics_json(std::vector{m}));
  EXPECT_EQ(json[0]["task"], "digit");
  EXPECT_EQ(json[0]["absent"], "one class only");
  EXPECT_TRUE(json[0]["value"].is_null());
  EXPECT_TRUE(json[0]["low"].is_null());
}

TEST(MetricsTable, ShowsTasksInColumnsAndClassesBelow) {
  auto accuracy = of_task("accuracy", 0.25);
  accuracy.chance = 0.125;
  auto auroc = of_task("auroc", NAN);
  auroc.absent = "one class only";
  auto absent = of_task("precision", NAN, "nine");
  absent.absent = "never answered";
  const auto text = metrics_table(std::vector{
      accuracy, auroc, of_task("precision", 0.5, "eight"), of_task("recall", 0.75, "eight"), absent,
      of_task("recall", 0, "nine"), sample("recall@10", 0.25)});
  EXPECT_EQ(text,
            "test  digit  classes 10  n 500  seed 0\n"
            "                           value     95 % interval             chance\n"
            "  accuracy                 0.250        0.125 .. 0.500          0.125\n"
            "  auroc                        -   one class only\n"
            "                            n precision  recall\n"
            "  eight                    50     0.500   0.750\n"
            "  nine                     50         -   0.000\n"
            "\n"
            "protocol A  test  text->image  zh  gallery 185  n 184  seed 7\n"
            "  recall@10            0.250   95 % interval     0.125 .. 0.500\n");
}

TEST(MetricsTable, TasksStayWithinEightyColumns) {
  std::vector<Metric> metrics;
  for (const char* name : {"balanced_accuracy", "mae", "average_precision"}) {
    metrics.push_back(of_task(name, 123456.789));
    metrics.back().chance = -98765.4321;
  }
  for (const char* name : {"precision", "recall", "f1", "auroc", "average_precision"}) {
    metrics.push_back(of_task(name, 0.123, "a class with a long name, \u4e00\u4e8c\u4e09"));
  }
  for (const auto& line : split(metrics_table(metrics), '\n')) EXPECT_LE(line.size(), 80u) << line;
}

TEST(SmallerIsBetter, OfErrorsAndRanks) {
  EXPECT_TRUE(smaller_is_better("nll"));
  EXPECT_TRUE(smaller_is_better("median_rank"));
  EXPECT_FALSE(smaller_is_better("auroc"));
}

}  // namespace
}  // namespace braid
