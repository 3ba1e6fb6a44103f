#include "braid/metric/inputs_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace braid {
namespace {

Metric metric(const std::string& name, const std::string& inputs, double value,
              const std::string& task = "digit") {
  Metric m;
  m.name = name;
  m.task = task;
  m.query_field = inputs;
  m.protocol = "test";
  m.n = 60;
  m.value = value;
  m.low = value - 0.1;
  m.high = value + 0.1;
  return m;
}

const std::vector<Metric> kMetrics = {metric("accuracy", "picture+speech", 0.9),
                                      metric("nll", "picture+speech", 0.25),
                                      metric("ece", "picture+speech", 0.1),
                                      metric("accuracy", "picture", 0.8),
                                      metric("nll", "picture", 0.5),
                                      metric("ece", "picture", 0.2),
                                      metric("recall@1", "text", 0.7, "")};

TEST(InputsTable, HasALineForEachInputAndTheTellingMetrics) {
  EXPECT_EQ(inputs_tables(kMetrics),
            "\ninputs of digit, protocol test\n"
            "                                 n  accuracy     95 % interval      nll\n"
            "  picture+speech                60     0.900    0.800 .. 1.000    0.250\n"
            "  picture                       60     0.800    0.700 .. 0.900    0.500\n");
}

TEST(InputsTable, IsNothingForOneInputOrForRetrieval) {
  EXPECT_EQ(inputs_tables(std::vector<Metric>{kMetrics[0], kMetrics[1]}), "");
  EXPECT_EQ(inputs_tables(std::vector<Metric>{kMetrics[6]}), "");
}

TEST(InputsTable, StaysWithinEightyColumns) {
  auto metrics = kMetrics;
  metrics.push_back(metric("macro_f1", "picture+speech", 0.9));
  metrics[3].query_field = metrics[4].query_field = std::string(60, 'x');
  metrics.push_back(metric("macro_f1", metrics[3].query_field, 123456));
  std::istringstream lines(inputs_tables(metrics));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(FirstInputs, KeepRetrievalAndTheFirstInputOfEachTask) {
  const auto kept = first_inputs(kMetrics);
  ASSERT_EQ(kept.size(), 4u);
  EXPECT_EQ(kept[2].name, "ece");
  EXPECT_EQ(kept[3].name, "recall@1");
}

}  // namespace
}  // namespace braid
