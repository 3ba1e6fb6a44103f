#include "braid/modality/series.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/modality/parts.h"
#include "braid/tensor_file/npy.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using Numbers = std::vector<float>;

Numbers numbers(const Sample& sample) {
  const auto values = sample.values.values<float>();
  return {values.begin(), values.end()};
}

std::unique_ptr<Modality> series_of(const std::string& yaml,
                                    const std::vector<std::string>& train) {
  auto series = make_series(ConfigNode::parse(yaml));
  series->fit([&](const ValueVisitor& visit) {
    for (const auto& text : train) visit(as_bytes(text));
  });
  return series;
}

std::string series_problem(const Modality& series, std::string_view text) {
  try {
    series.prepare(as_bytes(text));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Recording recording_of(std::string_view text) { return read_recording(as_bytes(text), {}); }

TEST(Series, FormatsOfTheSameNumbersGiveTheSameSample) {
  const auto series = series_of("{time: t, normalise: none}", {"t,x,y\n0,1,2\n0.5,3,4\n2,5,6\n"});
  // Two numbers, two flags, seconds since the first step.
  const Numbers want = {1, 2, 1, 1, 0, 3, 4, 1, 1, 0.5F, 5, 6, 1, 1, 2};
  for (const std::string text :
       {"t,x,y\n0,1,2\n0.5,3,4\n2,5,6\n", "\xef\xbb\xbft;x;y\r\n0;1;2\r\n0.5;3;4\r\n2;5;6",
        "\"t\"\tx\ty\n0\t1\t2\n0.5\t3\t4\n2\t5\t6\n",
        "{\"t\": [0, 0.5, 2], \"x\": [1, 3, 5], \"y\": [2, 4, 6]}",
        "[{\"t\": 0, \"x\": 1, \"y\": 2}, {\"t\": 0.5, \"x\": 3, \"y\": 4}, {\"y\": 6, \"t\": 2, "
        "\"x\": 5}]",
        "{\"t\": 0, \"x\": 1, \"y\": 2}\n{\"t\": 0.5, \"x\": 3, \"y\": 4}\n\n{\"t\": 2, \"x\": 5, "
        "\"y\": 6}\n"}) {
    EXPECT_EQ(numbers(series->prepare(as_bytes(text))), want) << text;
  }
}

TEST(Series, ListsAndArraysCallTheirColumnsByNumber) {
  const auto series = series_of("{time: '0', channels: ['2'], normalise: none}", {"[[5, 1, 2]]"});
  const Numbers want = {2, 1, 0, 4, 1, 3};
  EXPECT_EQ(numbers(series->prepare(as_bytes("[[5, 1, 2], [8, 3, 4]]"))), want);
  EXPECT_EQ(numbers(series->prepare(as_bytes("[5, 1, 2]\n[8, 3, 4]"))), want);
  EXPECT_EQ(numbers(series->prepare(as_bytes("5,1,2\n8,3,4\n"))), want);
  const auto npy = format_npy(Array::of<float>({2, 3}, Numbers{5, 1, 2, 8, 3, 4}));
  EXPECT_EQ(numbers(series->prepare(as_bytes(npy))), want);
  const auto one = series_of("{sample_rate: 4, normalise: none}", {"[1, 2]"});
  EXPECT_EQ(numbers(one->prepare(as_bytes("[7, null, 9]"))),
            (Numbers{7, 1, 0, 0, 0, 0.25F, 9, 1, 0.5F}));
}

TEST(Series, MissingCellsAreZeroWithoutAFlag) {
  const auto series = series_of("{normalise: none}", {"x,y\n1,1\n"});
  for (const std::string missing :
       {"", "nan", "NaN", "NA", "null", "inf", "-inf", "1e300", "1e999"}) {
    EXPECT_EQ(numbers(series->prepare(as_bytes("x,y\n7," + missing + "\n"))),
              (Numbers{7, 0, 1, 0, 0}))
        << missing;
  }
}

TEST(Series, ChannelsAreNormalisedByTheTrainingSplitAlone) {
  // x: mean 2, deviation 1; y: constant 5, only shifted.
  const auto series = series_of("{}", {"x,y\n1,5\n3,5\n", "broken,\n1\n", "x,y\n2,5\n,5\n"});
  const double deviation = std::sqrt(2.0 / 3);  // of 1, 3, 2
  const auto got = numbers(series->prepare(as_bytes("x,y\n4,6\n")));
  EXPECT_FLOAT_EQ(got[0], static_cast<float>(2 / deviation));
  EXPECT_FLOAT_EQ(got[1], 1);
  const Scratch folder;
  series->save(folder.path(), "can");
  const auto again = make_series(ConfigNode::parse("{}"));
  EXPECT_THROW(again->prepare(as_bytes("1,2\n")), Error);
  again->load(folder.path(), "can");
  EXPECT_EQ(numbers(again->prepare(as_bytes("x,y\n4,6\n"))), got);
  EXPECT_EQ(again->learned(), series->learned());
  EXPECT_EQ(series->facts().at("channels"), 2);
}

TEST(Series, ClocksMayStandStillButNotRunBack) {
  const auto series = series_of("{time: t, normalise: none}", {"t,x,y\n0,1,1\n"});
  // The last number of each column counts.
  EXPECT_EQ(numbers(series->prepare(as_bytes("t,x,y\n1,2,3\n1,4,\n2,5,6\n"))),
            (Numbers{4, 3, 1, 1, 0, 5, 6, 1, 1, 1}));
  EXPECT_NE(series_problem(*series, "t,x,y\n1,1,1\n0.5,1,1\n").find("0.5 after 1"),
            std::string::npos);
  EXPECT_NE(series_problem(*series, "t,x,y\n1,1,1\nnan,1,1\n").find("step 1"), std::string::npos);
}

TEST(Series, ColumnsOfSeveralClocksAreJoinedByTime) {
  const std::string can = "t,v\n0,1\n1,2\n2,3\n", imu = "t,a\n0.4,10\n0.6,20\n2.1,30\n";
  const std::vector<NamedPart> parts = {{"can", as_bytes(can)}, {"imu", as_bytes(imu)}};
  const auto joined = join_parts(parts);
  const auto train = std::string(as_text(joined));
  const auto near = series_of("{time: t, normalise: none, tolerance_s: 0.45}", {train});
  // 0 -> 10 at 0.4; 1 -> 20 at 0.6; 2 -> 30 at 2.1
  EXPECT_EQ(numbers(near->prepare(joined)),
            (Numbers{1, 10, 1, 1, 0, 2, 20, 1, 1, 1, 3, 30, 1, 1, 2}));
  const auto last = series_of("{time: t, normalise: none, join: last, tolerance_s: 0.45}", {train});
  EXPECT_EQ(numbers(last->prepare(joined)),
            (Numbers{1, 0, 1, 0, 0, 2, 20, 1, 1, 1, 3, 0, 1, 0, 2}));
  // A row that lacks a column lacks its channels; a column that lacks its channel is an error.
  const auto alone = join_parts(std::vector<NamedPart>{{"can", as_bytes(can)}});
  EXPECT_EQ(numbers(near->prepare(alone))[3], 0);
  const auto wrong = join_parts(std::vector<NamedPart>{{"can", as_bytes(imu)}});
  EXPECT_NE(series_problem(*near, as_text(wrong)).find("no column 'can.v'"), std::string::npos);
}

TEST(Series, AResampledClockTakesMeansAndLines) {
  const std::string text = "t,x\n0,0\n0.25,1\n0.5,2\n1,4\n";
  const auto mean = series_of("{time: t, rate: 2, join: mean, normalise: none}", {text});
  // Half a step is 0.25: [-0.25, 0.25) has 0; [0.25, 0.75) has 1, 2; [0.75, 1.25) has 4
  EXPECT_EQ(numbers(mean->prepare(as_bytes(text))), (Numbers{0, 1, 0, 1.5F, 1, 0.5F, 4, 1, 1}));
  const auto line =
      series_of("{time: t, rate: 4, join: linear, tolerance_s: 0.3, normalise: none}", {text});
  EXPECT_EQ(numbers(line->prepare(as_bytes(text))),
            (Numbers{0, 1, 0, 1, 1, 0.25F, 2, 1, 0.5F, 3, 1, 0.75F, 4, 1, 1}));
}

TEST(Series, PositionsBecomeMetresSpeedAndHeading) {
  // At the equator a degree east is 111319.49 m, a degree north 110574.28 m (WGS 84).
  Recording track =
      recording_of("t,lat,lon,alt\n0,0,179.9999,7\n10,0,-179.9999,8\n20,0.001,-179.9999,6\n");
  set_clock(track, "t", 1, 1);
  localise(track, {.latitude = "lat", .longitude = "lon", .altitude = "alt"});
  ASSERT_EQ(track.names, (std::vector<std::string>{"east_m", "north_m", "up_m", "heading_sin1",
                                                   "heading_cos1", "ground_speed"}));
  EXPECT_NEAR(track.columns[0][1], 22.2639, 1e-3);
  EXPECT_NEAR(track.columns[1][2], 110.5743, 1e-3);
  EXPECT_EQ(track.columns[2], (std::vector<double>{0, 1, -1}));
  EXPECT_NEAR(track.columns[3][1], 1, 1e-9);  // east
  EXPECT_NEAR(track.columns[4][2], 1, 1e-9);  // north
  EXPECT_NEAR(track.columns[5][1], 2.22639, 1e-4);
  Recording odd = recording_of("lat,lon\n91,0\n");
  set_clock(odd, "", 1, 1);
  EXPECT_THROW(localise(odd, {.latitude = "lat", .longitude = "lon"}), Error);
}

TEST(Series, ViewsKeepToTheirBoundsAndSeeds) {
  std::string text = "x,y\n";
  for (int i = 0; i < 40; ++i) text += std::to_string(i) + "," + std::to_string(-i) + "\n";
  const auto series = series_of("{max_steps: 16}", {text});
  const auto prepared = series->prepare(as_bytes(text));
  EXPECT_EQ(series->view(prepared).values.size(0), 16);
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Rng first(seed), second(seed);
    const auto view = series->augment(prepared, first);
    EXPECT_EQ(numbers(view), numbers(series->augment(prepared, second)));
    EXPECT_LE(view.values.size(0), 16);
    EXPECT_GE(view.values.size(0), 13);
    const auto row = numbers(view);
    EXPECT_EQ(row[4], 0);  // begins at 0 s
    float there = 0;
    for (size_t t = 0; t < row.size(); t += 5) there += row[t + 2] + row[t + 3];
    EXPECT_GT(there, 0);
  }
  const auto still = series_of(
      "{max_steps: 40, views: {crop: 1, noise: 0, scale: 0, channel_drop: 0, time_mask: 0}}",
      {text});
  Rng rng(1);
  EXPECT_EQ(numbers(still->augment(prepared, rng)), numbers(still->view(prepared)));
}

TEST(Series, ABatchIsAsLongAsItsLongestAndZeroElsewhere) {
  const auto series = series_of("{normalise: none}", {"[1]"});
  const auto a = series->prepare(as_bytes("[1, 2, 3]")), b = series->prepare(as_bytes("[4]"));
  const std::vector<const Sample*> views = {&a, nullptr, &b};
  const auto batch = series->collate(views);
  EXPECT_EQ(batch.values.shape(), (std::vector<int64_t>{3, 3, 3}));
  const auto mask = batch.mask.values<bool>();
  EXPECT_EQ(std::vector<bool>(mask.begin(), mask.end()),
            (std::vector<bool>{1, 1, 1, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(batch.values.values<float>()[9], 0);
  EXPECT_EQ(batch.values.values<float>()[18], 4);
}

TEST(Series, SaysWhatIsWrongWithAValue) {
  const auto series = series_of("{max_values: 100}", {"x,y\n1,2\n"});
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "is empty"},
      {" \n\n", "is empty"},
      {"x,y\n", "no step"},
      {"x,y\n1,2\n3\n", "line 3: expected 2 cells, got 1"},
      {"x,y\n1,2\n3;4\n", "line 3: expected 2 cells, got 1"},
      {"x,y\n1,two\n", "column 'y': expected a number, got 'two'"},
      {"x,x\n1,2\n", "'x' stands twice"},
      {"x,z\n1,2\n", "no column 'y'"},
      {"x,y\nnan,\n", "every number is missing"},
      {std::string("x\0y", 3), "neither"},
      {"[[1, 2], [3]]", "row 1 has 1 numbers, the first 2"},
      {"[[1, 2], [3, 4, 5]]", "more numbers than the first"},
      {"[[[1]]]", "nested deeper"},
      {"{\"x\": [1, 2], \"y\": [1]}", "'y' has 1 steps"},
      {"{\"x\": 1}", "expected a list"},
      {"{\"x\": [1], \"x\": [2]}", "stands twice"},
      {"[1, \"two\"]", "got 'two'"},
      {"[1, 2", "not valid at byte"},
      {"[]", "no step"},
      {"\x93NUMPY", "does not begin"}};
  for (const auto& [text, reason] : wrong) {
    const auto got = series_problem(*series, text);
    EXPECT_NE(got.find(reason), std::string::npos) << text << " -> " << got;
  }
}

TEST(Series, RefusesBeforeItTakesMemory) {
  const auto series = series_of("{max_values: 100, time: t, rate: 1000}", {"t,x\n0,1\n"});
  std::string long_one = "t,x\n", wide = "0";
  for (int i = 0; i < 200; ++i) long_one += std::to_string(i) + ",1\n";
  for (int i = 0; i < 2000; ++i) wide += ",1";
  EXPECT_NE(series_problem(*series, long_one).find("max_values"), std::string::npos);
  EXPECT_NE(series_problem(*series, wide).find("at most 1024"), std::string::npos);
  // Two rows a year apart at 1000 Hz.
  EXPECT_NE(series_problem(*series, "t,x\n0,1\n3e7,1\n").find("max_values"), std::string::npos);
  EXPECT_NE(series_problem(*series, "t,x\n0," + std::string(10 << 20, '1')).find("longer"),
            std::string::npos);
  std::string claimed = format_npy(Array::of<float>({2, 1}, Numbers{1, 2}));
  claimed.replace(claimed.find("(2, 1)"), 6, "(2,99)");
  EXPECT_NE(series_problem(*series, claimed).find("needs"), std::string::npos);
}

}  // namespace
}  // namespace braid
