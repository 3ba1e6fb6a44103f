#include <gtest/gtest.h>

#include <algorithm>
#include <pugixml.hpp>

#include "braid/core/file.h"
#include "braid/modality/picture/encode.h"
#include "braid/report/report.h"
#include "braid/report/sections.h"
#include "braid/report/value_thumbnail.h"
#include "tests/report/folder.h"

namespace braid {
namespace {

Metric seen(const char* name, const char* inputs, double value) {
  Metric m;
  m.name = name;
  m.task = "digit";
  m.split = m.protocol = "test";
  m.query_field = inputs;
  m.direction = std::string(inputs) + "->digit";
  m.n = 60;
  m.gallery = 3;
  m.value = value;
  m.low = value - 0.05;
  m.high = value + 0.05;
  return m;
}

const std::string kMarkup = "<b onclick=\"x()\">&";

TaskReport task_report() {
  TaskReport task;
  task.protocol = task.split = "test";
  task.task = "digit";
  task.kind = "classification";
  task.fields = {"picture", "speech", "vitals", kMarkup};
  task.metrics = {seen("accuracy", "picture+speech", 0.9), seen("ece", "picture+speech", 0.125),
                  seen("accuracy", "picture", 0.8), seen("accuracy", "prior", 0.3)};
  Contribution c;
  c.worths = {"accuracy", "probability"};
  c.shuffled = c.n = 60;
  c.fields = {{"picture", 0.25, {{Estimate{0.5, 0.4, 0.6}, Estimate{0.3, 0.1, 0.5}},
                                 {Estimate{0.5, 0.4, 0.6}, std::nullopt}}},
              {"speech", 0.75, {{Estimate{-0.1, -0.2, 0}, Estimate{0, 0, 0}},
                                {Estimate{0, 0, 0}, Estimate{0, 0, 0}}}}};
  c.single = {"picture", 0.8, 0.9, {0.1, 0.02, 0.2}, 0.0004};
  c.warnings = {"field 'speech' looks ignored " + kMarkup};
  task.contribution = c;
  task.confusion = Confusion{{"one", "two", kMarkup}, {8, 2, 0, 0, 10, 0, 0, 0, 0}};
  task.reliability = {{0, 0.5, 4, 0.4, 0.25}, {0.5, 0.75, 0, 0, 0}, {0.75, 1, 12, 0.9, 0.75}};
  SampleView sample{"test.jsonl:7", "one", "two", 0.875, {0.25, 0.5, 0.125, 0.125}, {}, {}};
  const auto picture = as_bytes("foo");
  sample.inputs = {{"picture", {"image/png", {picture.begin(), picture.end()}}, "", {}, {}, 0},
                   {"speech", {}, "", {}, {{"", std::vector<double>(800, 0.5)}}, 0.1},
                   {"vitals", {}, "", {{"age", "63"}, {"pulse", ""}}, {}, 0}};
  task.mistakes = {sample};
  return task;
}

class TaskSectionTest : public report_test::InFolder {
 protected:
  void load(const TaskReport& task, const std::vector<std::string>& warnings = {}) {
    Report report;
    report.title = "r";
    report.warnings = warnings;
    report.metrics = task.metrics;
    report.tasks = {task};
    write_report(report, folder_ / "report.html");
    text_ = read_text(folder_ / "report.html");
    const auto result = page_.load_string(text_.c_str());
    ASSERT_TRUE(result) << result.description() << " at " << text_.substr(result.offset, 200);
  }
  size_t count(const char* query) const { return page_.select_nodes(query).size(); }
  std::string text(const char* query) const { return page_.select_node(query).node().text().get(); }

  std::string text_;
  pugi::xml_document page_;
};

TEST_F(TaskSectionTest, HasAHeadingThatTheNavigationReachesAndNoMarkupOfTheData) {
  load(task_report(), {"loud " + kMarkup});
  EXPECT_EQ(text("//h2[@id='task-1']"), "Task digit \u00b7 test");
  EXPECT_EQ(count("//nav/a[@href='#task-1']"), 1u);
  EXPECT_EQ(count("//@onclick"), 0u);
  EXPECT_EQ(text("//div[@role='note'][1]/ul/li"), "loud " + kMarkup);
  EXPECT_EQ(count("//section//div[@role='note']"), 1u);
}

TEST_F(TaskSectionTest, EverySetOfFieldsHasALineOfItsOwn) {
  load(task_report());
  EXPECT_EQ(count("//th[@scope='row'][starts-with(text(), 'picture+speech')]"), 1u);
  EXPECT_EQ(count("//th[@scope='row'][text()='prior']"), 1u);
  // The metrics of all inputs but the first stand with the task alone.
  EXPECT_EQ(count("//section[h2/@id='metrics']//tbody/tr"), 1u);
}

TEST_F(TaskSectionTest, ContributionsAreBarsOnOneScaleWithTheirNumbers) {
  load(task_report());
  const auto bars = page_.select_nodes("//td[@data-label='Shapley, accuracy']/svg");
  ASSERT_EQ(bars.size(), 2u);
  // From -0.2 to 0.6: zero is a quarter of the way, 0.5 seven eighths.
  const auto bar = bars.first().node().select_node("rect[@class='mark']").node();
  EXPECT_DOUBLE_EQ(bar.attribute("x").as_double(), 25);
  EXPECT_DOUBLE_EQ(bar.attribute("width").as_double(), 62.5);
  const auto negative = bars.begin()[1].node().select_node("rect[@class='mark']").node();
  EXPECT_DOUBLE_EQ(negative.attribute("x").as_double(), 12.5);
  EXPECT_DOUBLE_EQ(negative.attribute("width").as_double(), 12.5);
  EXPECT_EQ(text("//td[@data-label='mean alpha']"), "0.250");
  EXPECT_NE(text_.find("paired bootstrap p &lt; 0.001"), std::string::npos);
  EXPECT_EQ(text("//td[@data-label='drop, probability']"), "\u2013");  // nothing to shuffle
}

TEST_F(TaskSectionTest, ConfusionIsColouredByTheShareOfTheClass) {
  load(task_report());
  // 8 of 10 right: the fourth step; 2 of 10 wrong: the first.
  EXPECT_EQ(text("//table[@class='confusion']//td[@class='right4']"), "8");
  EXPECT_EQ(text("//table[@class='confusion']//td[@class='wrong1']"), "2");
  EXPECT_STREQ(page_.select_node("//td[@class='wrong1']").node().attribute("title").value(),
               "true one, answered two: 20.0 %");
  EXPECT_EQ(count("//table[@class='confusion']/tbody/tr"), 2u);  // the third class has no sample
  EXPECT_EQ(count("//table[@class='confusion']/thead/tr/th"), 3u);
}

TEST_F(TaskSectionTest, ManyClassesShowTheirWorstPairs) {
  auto task = task_report();
  Confusion many;
  for (int i = 0; i < 31; ++i) many.names.push_back("c" + std::to_string(i));
  many.counts.resize(31 * 31);
  many.counts[5 * 31 + 5] = 6;
  many.counts[5 * 31 + 7] = 2;
  many.counts[3 * 31 + 1] = 9;
  task.confusion = many;
  load(task);
  EXPECT_EQ(count("//table[@class='confusion']"), 0u);
  EXPECT_EQ(text("//tr[th='c3']/td[@data-label='count']"), "9");
  EXPECT_EQ(text("//tr[th='c5']/td[@data-label='of the class']"), "25.0 %");
  EXPECT_EQ(count("//tr[th='c3']/following-sibling::tr[th='c5']"), 1u);
}

TEST_F(TaskSectionTest, ReliabilityDrawsTheBinsThatHaveSamples) {
  load(task_report());
  const auto figure = page_.select_node("//figure[@class='card reliability']").node();
  ASSERT_TRUE(figure);
  EXPECT_EQ(figure.select_nodes("svg/rect").size(), 2u);
  // The square is 260 high from 10 down: a quarter right is a bar of 65.
  EXPECT_DOUBLE_EQ(figure.select_node("svg/rect").node().attribute("height").as_double(), 65);
  EXPECT_DOUBLE_EQ(figure.select_node("svg/rect").node().attribute("y").as_double(), 205);
  EXPECT_EQ(std::string(figure.select_node("svg").node().attribute("aria-label").value()),
            "Reliability diagram: expected calibration error 0.125");
  EXPECT_EQ(figure.select_nodes("details//tbody/tr").size(), 2u);  // the same in words
}

TEST_F(TaskSectionTest, SamplesShowEachInputAsItIsWithItsWeight) {
  load(task_report());
  const auto sample = page_.select_node("//article").node();
  EXPECT_EQ(sample.select_nodes("ul/li").size(), 4u);
  EXPECT_STREQ(sample.select_node("ul/li[1]/img").node().attribute("alt").value(), "picture");
  EXPECT_STREQ(sample.select_node("ul/li[1]/div").node().text().get(), "alpha 0.250");
  EXPECT_STREQ(sample.select_node("ul/li[2]/svg[@class='wave']").node()
                   .attribute("aria-label").value(),
               "waveform of 0.10 s");
  EXPECT_STREQ(sample.select_node("ul/li[3]/dl/dd[1]").node().text().get(), "63");
  EXPECT_STREQ(sample.select_node("ul/li[4]/p").node().text().get(), "missing");
  EXPECT_STREQ(sample.select_node("header//span[@class='wrong']").node().text().get(),
               "answer: two");
  EXPECT_EQ(text("//section[h2/@id='task-1']/h3[last()]"), "Worst mistakes");
}

// A picture, white, as a page shows it.
Thumbnail white_picture(int64_t width, int64_t height) {
  auto picture = blank_picture(width, height, 3);
  std::ranges::fill(picture.data, uint8_t{255});
  return make_thumbnail(encode_png(picture), 128);
}

TEST_F(TaskSectionTest, TextsShowReferencesAndHeatTheBestFirst) {
  TaskReport task;
  task.task = "caption";
  task.kind = "generation";
  task.fields = {"picture"};
  SampleView sample{"val.jsonl:3", "a dog (2) | " + kMarkup, "a cat", {}, {}, {}, {}, 0.25};
  const auto picture = white_picture(300, 200);
  const std::vector<double> heat = {1, 0, 0, 0};
  sample.inputs = {{"picture", picture, "", {}, {}, 0, heat_thumbnail(picture, heat, 2, 2)}};
  task.best = task.mistakes = {sample};
  task.mistakes[0].answer = "";
  task.mistakes[0].inputs[0].heat = {};
  load(task);
  EXPECT_EQ(text("//section[h2/@id='task-1']/h3[1]"), "Best texts");
  EXPECT_EQ(text("//section[h2/@id='task-1']/h3[2]"), "Worst texts");
  EXPECT_EQ(count("//p[contains(text(), 'bright is what the text rests on')]"), 1u);
  const auto best = page_.select_node("//article[1]").node();
  EXPECT_STREQ(best.select_node("header//span[1]").node().text().get(), "a cat");
  EXPECT_STREQ(best.select_node("header//span[2]").node().text().get(), "chrF 0.250");
  EXPECT_EQ(best.select_node("p").node().text().get(), "references: " + sample.truth);
  EXPECT_EQ(best.select_nodes(".//li/div/img").size(), 2u);
  EXPECT_EQ(count("//article//span[@class='wrong']"), 0u);
  EXPECT_EQ(count("//article[header//span[1]='(nothing)']//img"), 1u);
}

TEST(HeatThumbnail, IsSmallAndBrightWhereHeatIs) {
  const std::vector<double> heat = {1, 0, 0, 0};
  const auto picture = white_picture(300, 200);
  const auto shown = decode_image(heat_thumbnail(picture, heat, 2, 2).bytes);
  EXPECT_EQ(shown.width, 128);
  EXPECT_EQ(shown.height, 85);
  const auto light = [&](int64_t y, int64_t x) {
    const auto* pixel = shown.data.data() + (y * shown.width + x) * shown.channels;
    return pixel[0] + pixel[1] + pixel[2];
  };
  // Of the square in the middle, 21 .. 107 across: the first quarter is hot, the last is not.
  EXPECT_GT(light(20, 40), light(65, 90) + 200);
  EXPECT_GT(light(65, 90), light(65, 5));  // which the model does not see
  EXPECT_TRUE(heat_thumbnail({}, heat, 2, 2).bytes.empty());
}

TEST_F(TaskSectionTest, WhatDoesNotApplyIsLeftOut) {
  TaskReport task;
  task.protocol = "P";
  task.split = "val";
  task.task = "legs";
  task.kind = "regression";
  load(task);
  EXPECT_EQ(text("//h2[@id='task-1']"), "Task legs \u00b7 val \u00b7 protocol P");
  EXPECT_EQ(count("//section/h3 | //section//table | //section//svg"), 0u);
}

TEST(ViewOfValue, ShowsTablesSeriesAndTexts) {
  const auto cells = view_of_value("vitals", "table", {"{\"age\": 63, \"sex\": null}", {}, {}});
  ASSERT_EQ(cells.cells.size(), 2u);
  EXPECT_EQ(cells.cells[0], (std::pair<std::string, std::string>("age", "63")));
  EXPECT_EQ(cells.cells[1].second, "");
  const auto series = view_of_value("walk", "series", {"[[1, 4], [2, 5], [3, 6]]", {}, {}});
  ASSERT_EQ(series.traces.size(), 2u);
  EXPECT_EQ(series.traces[1].values, (std::vector<double>{4, 5, 6}));
  EXPECT_EQ(view_of_value("text", "text", {"a red house", {}, {}}).text, "a red house");
  const auto broken = view_of_value("speech", "audio", {"a.wav", "nowhere/a.wav", {}});
  EXPECT_EQ(broken.text, "a.wav");
  EXPECT_TRUE(broken.traces.empty());
}

}  // namespace
}  // namespace braid
