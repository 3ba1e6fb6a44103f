#include "braid/report/metrics_log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "tests/report/folder.h"

namespace braid {
namespace {

class MetricsLogTest : public report_test::InFolder {
 protected:
  std::vector<int64_t> steps() const {
    std::vector<int64_t> steps;
    for (const auto& entry : read_metrics_log(path_)) steps.push_back(entry.step);
    return steps;
  }
  void put(std::string_view text) const { std::ofstream(path_) << text; }
  void write_steps(int64_t count) const {
    MetricsLog log(path_);
    for (int64_t s = 1; s <= count; ++s) log.write({.step = s, .values = {{"loss", 1.0 / s}}});
  }

  std::filesystem::path path_ = folder_ / "metrics.jsonl";
};

TEST_F(MetricsLogTest, WritesOneObjectALineAtOnce) {
  MetricsLog log(path_);
  log.write({.step = 20, .epoch = 0.5, .wall_s = 3.25, .values = {{"loss", 4.75}, {"lr", 1e-4}}});
  EXPECT_EQ(read_text(path_),
            "{\"step\":20,\"epoch\":0.5,\"wall_s\":3.25,\"loss\":4.75,\"lr\":0.0001}\n");
}

TEST_F(MetricsLogTest, ReadsBackWhatWasWritten) {
  const double third = 1.0 / 3;
  {
    MetricsLog log(path_);
    log.write({.step = 1, .epoch = third, .wall_s = 2, .values = {{"损失 \"x\"", third}}});
    log.write({.step = 2, .values = {{"loss", std::numeric_limits<double>::infinity()}}});
  }
  const auto entries = read_metrics_log(path_);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].epoch, third);
  EXPECT_EQ(entries[0].values[0].first, "损失 \"x\"");
  EXPECT_EQ(entries[0].values[0].second, third);
  EXPECT_TRUE(std::isnan(entries[1].values[0].second));
}

TEST_F(MetricsLogTest, ReadsUpToALineTornAtAnyByte) {
  write_steps(3);
  const auto whole = read_text(path_);
  const auto third_line = whole.rfind('\n', whole.size() - 2) + 1;
  for (size_t size = third_line; size < whole.size(); ++size) {
    put(std::string_view(whole).substr(0, size));
    ASSERT_EQ(steps(), (std::vector<int64_t>{1, 2})) << size;
  }
}

TEST_F(MetricsLogTest, ResumesAfterAStepWithoutRepeatingAny) {
  write_steps(9);
  put(read_text(path_) + "{\"step\":10,\"ep");
  MetricsLog log(path_, 4);
  EXPECT_EQ(steps(), (std::vector<int64_t>{1, 2, 3, 4}));
  log.write({.step = 5});
  EXPECT_EQ(steps(), (std::vector<int64_t>{1, 2, 3, 4, 5}));
}

TEST_F(MetricsLogTest, ResumesPastATornLineWithAWholeOne) {
  write_steps(2);
  put(read_text(path_) + "{\"st");
  MetricsLog(path_, 2).write({.step = 3});
  EXPECT_EQ(steps(), (std::vector<int64_t>{1, 2, 3}));
}

TEST_F(MetricsLogTest, StartsEmptyForANewRunAndForAResumeWithoutALog) {
  write_steps(3);
  { MetricsLog log(path_); }
  EXPECT_TRUE(steps().empty());
  std::filesystem::remove(path_);
  { MetricsLog log(path_, 7); }
  EXPECT_TRUE(steps().empty());
}

TEST_F(MetricsLogTest, NamesTheLineThatIsBroken) {
  for (const char* bad : {"not json", "[1]", "{\"epoch\":1,\"wall_s\":1}",
                          "{\"step\":1,\"epoch\":1,\"wall_s\":1,\"loss\":\"low\"}"}) {
    write_steps(1);
    put(read_text(path_) + bad + "\n" + read_text(path_));
    try {
      read_metrics_log(path_);
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInput);
      EXPECT_NE(std::string(error.what()).find("metrics.jsonl:2:"), std::string::npos);
    }
  }
}

TEST_F(MetricsLogTest, RefusesAValueNamedLikeThePosition) {
  MetricsLog log(path_);
  EXPECT_THROW(log.write({.step = 1, .values = {{"step", 2}}}), Error);
}

TEST(LogLine, TakesTheStepsThatHaveTheValue) {
  const std::vector<LogEntry> entries = {{.step = 1, .values = {{"loss", 3}}},
                                         {.step = 1, .values = {{"val/loss", 5}}},
                                         {.step = 4, .values = {{"lr", 1}, {"loss", 2}}}};
  const auto line = log_line(entries, "loss");
  EXPECT_EQ(line.name, "loss");
  EXPECT_EQ(line.x, (std::vector<double>{1, 4}));
  EXPECT_EQ(line.y, (std::vector<double>{3, 2}));
}

}  // namespace
}  // namespace braid
