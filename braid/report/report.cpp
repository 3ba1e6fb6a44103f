#include "braid/report/report.h"

#include <functional>

#include "braid/core/file.h"
#include "braid/report/page.h"
#include "braid/report/sections.h"

namespace braid {
namespace {

struct ReportSection {
  const char* id;
  const char* title;
  bool empty;
  std::function<void(Html&)> add;
};

void add_examples(Html& page, const std::vector<RetrievalExample>& examples) {
  for (const auto& example : examples) add_example(page, example);
}

std::vector<ReportSection> sections_of(const Report& r) {
  return {
      {"run", "Run", r.facts.empty(), [&](Html& page) { add_facts(page, r.facts); }},
      {"metrics", "Metrics", r.metrics.empty(), [&](Html& page) { add_metrics(page, r.metrics); }},
      {"curves", "Curves", r.curves.empty(), [&](Html& page) { add_curves(page, r.curves); }},
      {"best", "Best retrievals", r.best.empty(), [&](Html& page) { add_examples(page, r.best); }},
      {"worst", "Worst retrievals", r.worst.empty(),
       [&](Html& page) { add_examples(page, r.worst); }},
      {"data", "Data audit", r.audit.empty(), [&](Html& page) { add_facts(page, r.audit); }},
      {"problems", "Problems", r.problems.empty(),
       [&](Html& page) { add_problems(page, r.problems); }},
      {"cost", "Cost", r.cost.empty(), [&](Html& page) { add_facts(page, r.cost); }},
      {"commands", "Commands", r.commands.empty(),
       [&](Html& page) { add_commands(page, r.commands); }},
  };
}

}  // namespace

void write_report(const Report& report, const std::filesystem::path& path) {
  auto page = start_page(report.title);
  page.leaf("h1", report.title);
  const auto sections = sections_of(report);
  page.open("nav");
  for (const auto& section : sections) {
    if (!section.empty) page.leaf("a", section.title, {{"href", std::string("#") + section.id}});
  }
  page.close();
  add_tiles(page, report.metrics);
  for (const auto& section : sections) {
    if (section.empty) continue;
    page.open("section");
    add_heading(page, section.id, section.title);
    section.add(page);
    page.close();
  }
  page.leaf("footer",
            "Written by braid. This page is one file: no scripts, nothing loaded from elsewhere.");
  write_atomic(path, page.finish());
}

void write_hits_page(const RetrievalExample& example, const std::filesystem::path& path) {
  const std::string words = example.query.empty() ? "a picture" : example.query;
  auto page = start_page("Search: " + words);
  page.leaf("h1", "Search");
  page.leaf("p", std::to_string(example.hits.size()) + " hits, best first, with their scores",
            {{"class", "soft"}});
  page.open("div", {{"class", "wide"}});
  add_example(page, example);
  write_atomic(path, page.finish());
}

}  // namespace braid
