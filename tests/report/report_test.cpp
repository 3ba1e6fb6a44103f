#include "braid/report/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <pugixml.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "tests/report/folder.h"

namespace braid {
namespace {

const std::string kEvil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&\xff";
// As a reader of the page gets it back.
const std::string kShown = kEvil.substr(0, kEvil.size() - 1) + "\uFFFD";

Metric metric(const char* protocol, const char* name, const char* language, double value) {
  Metric m;
  m.name = name;
  m.direction = "text->image";
  m.language = language;
  m.protocol = protocol;
  m.gallery = 185;
  m.n = 184;
  m.split = "test";
  m.value = value;
  m.low = value * 0.75;
  m.high = value * 1.25;
  return m;
}

RetrievalExample example(const std::string& words, int64_t rank) {
  RetrievalExample e;
  e.query = words;
  e.language = "zh";
  e.protocol = "A";
  e.rank = rank;
  const auto picture = as_bytes("foo");
  e.hits = {{{"image/png", {picture.begin(), picture.end()}}, words, 0.5, rank == 1},
            {{}, "second", 0.25, rank != 1}};
  return e;
}

Report full_report(const std::string& words) {
  Report r;
  r.title = words;
  r.facts = {{words, words}};
  r.curves = {{words, words, words, {{words, {0, 1}, {1, 2}}}}};
  r.metrics = {metric("A", "recall@10", "en", 0.5), metric("A", "median_rank", "en", 12),
               metric("A", "recall@10", "zh", 0.4), metric("B", "recall@10", "en", 0.3)};
  r.best = {example(words, 1)};
  r.worst = {example(words, 412)};
  r.audit = {{"rows", words}};
  r.problems = std::vector<std::string>(30, words);
  r.cost = {{"time", words}};
  r.commands = {"braid train recipes/emoji.yaml", words};
  return r;
}

class ReportTest : public report_test::InFolder {
 protected:
  void load(const Report& report) {
    write_report(report, folder_ / "report.html");
    parse("report.html");
  }
  void parse(const char* name) {
    text_ = read_text(folder_ / name);
    const auto result = page_.load_string(text_.c_str());
    ASSERT_TRUE(result) << result.description() << " at " << text_.substr(result.offset, 200);
  }
  size_t count(const char* query) const { return page_.select_nodes(query).size(); }
  std::string text(const char* query) const { return page_.select_node(query).node().text().get(); }

  std::string text_;
  pugi::xml_document page_;
};

TEST_F(ReportTest, IsWellFormedAndLetsNoTextBecomeMarkup) {
  load(full_report(kEvil));
  EXPECT_EQ(count("//script"), 0u);
  EXPECT_EQ(count("//@onerror"), 0u);
  EXPECT_EQ(count("//img"), 2u);
  EXPECT_EQ(text("//h1"), kShown);
  EXPECT_EQ(text("//title"), kShown);
  EXPECT_EQ(text("//pre[2]"), kShown);
  EXPECT_EQ(text("//ul/li"), kShown);
  EXPECT_EQ(text("//figcaption"), kShown);
  EXPECT_EQ(std::string(page_.select_node("//li/img").node().attribute("alt").value()), kShown);
}

TEST_F(ReportTest, EscapesTheKindOfAPicture) {
  auto report = full_report("x");
  report.best[0].hits[0].picture.mime = "image/png\" onload=\"alert(1)";
  load(report);
  EXPECT_EQ(count("//@onload"), 0u);
}

TEST_F(ReportTest, LoadsNothingFromOutside) {
  load(full_report("plain"));
  EXPECT_EQ(count("//link | //iframe | //script | //object | //embed"), 0u);
  for (const auto& found : page_.select_nodes("//@src | //@href")) {
    const std::string value = found.attribute().value();
    EXPECT_TRUE(value.rfind("data:image/", 0) == 0 || value.rfind("#", 0) == 0) << value;
  }
  EXPECT_EQ(text_.find("url("), std::string::npos);
  EXPECT_EQ(text_.find("@import"), std::string::npos);
}

TEST_F(ReportTest, EveryLinkHasItsTarget) {
  load(full_report("plain"));
  const auto links = page_.select_nodes("//nav/a");
  EXPECT_EQ(links.size(), 9u);
  for (const auto& link : links) {
    const std::string id = std::string(link.node().attribute("href").value()).substr(1);
    EXPECT_EQ(count(("//h2[@id='" + id + "']").c_str()), 1u) << id;
  }
}

TEST_F(ReportTest, ShowsMetricsOfATaskAndWhyOneIsAbsent) {
  Report report;
  auto accuracy = metric("", "accuracy", "", 0.5), auroc = metric("", "auroc", "", NAN);
  auto recall = metric("", "recall", "", 0.25);
  for (auto* m : {&accuracy, &auroc, &recall}) m->task = "digit";
  auroc.absent = "one class only";
  recall.label = "seven";
  report.metrics = {accuracy, auroc, recall};
  load(report);
  EXPECT_EQ(text("//h3[1]"), "test \u00b7 digit");
  EXPECT_EQ(text("//h3[2]"), "test \u00b7 digit \u00b7 each");
  EXPECT_EQ(text("(//table)[1]/tbody/tr[1]/th"), "digit");
  EXPECT_EQ(text("(//table)[1]/tbody/tr[1]/th/small"), "classes 185 \u00b7 n 184 \u00b7 seed 0");
  EXPECT_EQ(text("(//table)[1]/tbody/tr[1]/td[2]/small"), "one class only");
  EXPECT_EQ(count("(//table)[2]/tbody/tr"), 1u);
  EXPECT_EQ(text_.find("nan"), std::string::npos);
}

TEST_F(ReportTest, GroupsMetricsByProtocolWithARowForEachLanguage) {
  load(full_report("plain"));
  EXPECT_EQ(count("//table"), 2u);
  EXPECT_EQ(text("//h3[1]"), "Protocol A \u00b7 test");
  EXPECT_EQ(count("(//table)[1]/tbody/tr"), 2u);
  EXPECT_EQ(text("(//table)[1]/tbody/tr[1]/td[1]"), "0.500");
  EXPECT_EQ(text("(//table)[1]/tbody/tr[1]/td[1]/small"), "0.375 \u2013 0.625");
  EXPECT_EQ(text("(//table)[1]/tbody/tr[1]/td[2]"), "12.0");
  EXPECT_EQ(text("(//table)[1]/tbody/tr[2]/td[2]"), "\u2013");  // zh has no median rank
  EXPECT_EQ(text("(//table)[1]/tbody/tr[1]/th/small"), "gallery 185 \u00b7 n 184 \u00b7 seed 0");
  EXPECT_EQ(count("(//table)[1]//td[2]/svg"), 0u);  // no bar for a rank
}

TEST_F(ReportTest, BarReachesTheValueAndItsBandTheInterval) {
  Report report;
  report.metrics = {metric("A", "recall@10", "en", 0.5)};
  load(report);
  const auto bar = page_.select_node("//td/svg").node();
  EXPECT_EQ(bar.find_child_by_attribute("class", "mark").attribute("width").as_double(), 50);
  const auto band = bar.find_child_by_attribute("class", "band");
  EXPECT_EQ(band.attribute("x").as_double(), 37.5);
  EXPECT_EQ(band.attribute("width").as_double(), 25);
}

TEST_F(ReportTest, MarksTheTrueItemWithItsRank) {
  load(full_report("plain"));
  EXPECT_EQ(text("(//article)[1]//li[@class='true']/div[@class='place']/b"), "#1 \u2713");
  EXPECT_EQ(text("(//article)[2]//li[@class='true']/div[@class='place']/b"), "#412 \u2713");
  EXPECT_EQ(count("//li[@class='true']"), 2u);
  EXPECT_EQ(std::string(page_.select_node("//li/img/@src").attribute().value()),
            "data:image/png;base64,Zm9v");
}

TEST_F(ReportTest, LeavesOutWhatIsEmpty) {
  Report report;
  report.title = "only a title";
  load(report);
  EXPECT_EQ(count("//section"), 0u);
  EXPECT_EQ(count("//nav/a"), 0u);
}

TEST_F(ReportTest, ShowsADashForValuesThatAreNoNumbers) {
  Report report;
  report.metrics = {metric("A", "recall@10", "en", NAN)};
  load(report);
  EXPECT_EQ(text("//td"), "\u2013");
  EXPECT_EQ(count("//td/svg"), 0u);
}

TEST_F(ReportTest, FoldsTheProblemsPastTheTwentieth) {
  load(full_report("plain"));
  EXPECT_EQ(text("//summary"), "10 more");
  EXPECT_EQ(count("//details//li"), 10u);
}

TEST_F(ReportTest, NamesTheFolderThatIsNotThere) {
  EXPECT_THROW(write_report({}, folder_ / "absent" / "report.html"), Error);
}

TEST_F(ReportTest, HitsPageShowsQueryAndHitsInOrder) {
  auto e = example(kEvil, 0);
  e.hits[1].truth = false;
  write_hits_page(e, folder_ / "hits.html");
  parse("hits.html");
  EXPECT_EQ(count("//script"), 0u);
  EXPECT_EQ(text("//header//span"), kShown);
  EXPECT_EQ(text("//li[1]/div/b"), "#1");
  EXPECT_EQ(text("//li[2]/div[@class='caption']"), "second");
  EXPECT_EQ(text("//p"), "2 hits, best first, with their scores");
  EXPECT_EQ(text_.find("true item"), std::string::npos);
}

}  // namespace
}  // namespace braid
