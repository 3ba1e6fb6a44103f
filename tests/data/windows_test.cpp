#include "braid/data/windows.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "data_test.h"

namespace braid::data_test {
namespace {

using Json = nlohmann::json;

class WindowsTest : public DataTest {
 protected:
  // slow: 0 .. 10 s each second; fast: 0.5 .. 10 s each half.
  WindowsConfig two_clocks() const {
    std::string slow = "t,a\n", fast = "t,b\n";
    for (int i = 0; i <= 10; ++i) slow += std::to_string(i) + "," + std::to_string(100 + i) + "\n";
    for (int i = 1; i <= 20; ++i)
      fast += std::to_string(i * 0.5) + "," + (i == 4 ? "" : std::to_string(i)) + "\n";
    WindowsConfig config;
    config.recordings = {{"slow", write("slow.csv", slow)}, {"fast", write("fast.csv", fast)}};
    config.time = "t";
    config.seconds = 2;
    config.every = 1;
    config.output = folder_ / "out/windows.jsonl";
    return config;
  }

  std::vector<Json> rows() const {
    std::vector<Json> rows;
    std::istringstream text(read_text(folder_ / "out/windows.jsonl"));
    for (std::string line; std::getline(text, line);) rows.push_back(Json::parse(line));
    return rows;
  }
};

TEST_F(WindowsTest, HoldTheStepsOfTheirTimeOnEachClock) {
  auto config = two_clocks();
  const auto made = cut_windows(config);
  EXPECT_DOUBLE_EQ(made.seconds, 9.5);  // 0.5 .. 10: what both cover
  const auto all = rows();
  ASSERT_EQ(all.size(), 8u);  // begins 0.5, 1.5, .. 7.5
  EXPECT_EQ(all[0]["key"], "000000");
  EXPECT_EQ(all[1]["begin_s"], 1.0);
  EXPECT_EQ(all[0]["slow"], Json::parse(R"({"t": [1.0, 2.0], "a": [101.0, 102.0]})"));
  EXPECT_EQ(all[0]["fast"],
            Json::parse(R"({"t": [0.5, 1.0, 1.5, 2.0], "b": [1.0, 2.0, 3.0, null]})"));
  EXPECT_FALSE(all[0].contains("split"));
}

TEST_F(WindowsTest, OfTwoSplitsShareNoMoment) {
  auto config = two_clocks();
  config.splits = {{"train", 0.6}, {"test", 0.4}};  // 0.5 .. 6.2 .. 10
  const auto made = cut_windows(config);
  EXPECT_EQ(made.rows, (std::vector<std::pair<std::string, int64_t>>{{"train", 4}, {"test", 2}}));
  double train_end = 0, test_begin = 100;
  for (const auto& row : rows()) {
    const double first = row["fast"]["t"].front(), last = row["fast"]["t"].back();
    if (row["split"] == "train") train_end = std::max(train_end, last);
    if (row["split"] == "test") test_begin = std::min(test_begin, first);
  }
  EXPECT_LT(train_end, 6.2);
  EXPECT_GE(test_begin, 6.2);
}

TEST_F(WindowsTest, AreReadAsSeriesAndGapsAreMissing) {
  auto config = two_clocks();
  config.recordings.emplace_back("rare", write("rare.csv", "t,c\n0,7\n10,8\n"));
  cut_windows(config);
  EXPECT_TRUE(rows()[1]["rare"].is_null());
  const auto data = open_dataset(one_manifest("out/windows.jsonl"),
                                 {{"motion", "series", {{"", {"slow", "fast", "rare"}}}}}, folder_);
  ASSERT_EQ(data->values(1, 0, 0).size(), 1u);
  EXPECT_EQ(data->values(1, 0, 0)[0].parts->size(), 2u);
}

TEST_F(WindowsTest, SettingsThatCannotBeAreRefused) {
  const auto good = two_clocks();
  const auto refused = [&](ErrorCode code, const std::string& part, auto change) {
    auto config = good;
    change(config);
    expect_error(code, {part}, [&] { cut_windows(config); });
  };
  using C = WindowsConfig;
  refused(ErrorCode::kUsage, "expected recordings", [](C& c) { c.recordings.clear(); });
  refused(ErrorCode::kUsage, "'split'", [](C& c) { c.recordings[0].first = "split"; });
  refused(ErrorCode::kUsage, "above 0", [](C& c) { c.every = 0; });
  refused(ErrorCode::kUsage, "at most 1", [](C& c) { c.splits = {{"a", 0.7}, {"b", 0.4}}; });
  refused(ErrorCode::kUsage, "larger --every", [](C& c) { c.every = 1e-6; });
  refused(ErrorCode::kInput, "no window of 20", [](C& c) { c.seconds = 20; });
  refused(ErrorCode::kInput, "slow.csv", [](C& c) { c.time = "time"; });
  write("back.csv", "t,a\n1,1\n0,2\n");
  refused(ErrorCode::kInput, "back.csv",
          [&](C& c) { c.recordings[0].second = folder_ / "back.csv"; });
  EXPECT_FALSE(fs::exists(folder_ / "out/windows.jsonl"));
}

}  // namespace
}  // namespace braid::data_test
