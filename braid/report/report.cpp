#include "braid/report/report.h"

#include <functional>

#include "braid/core/file.h"
#include "braid/metric/inputs_table.h"
#include "braid/report/page.h"
#include "braid/report/sections.h"

namespace braid {
namespace {

struct ReportSection {
  std::string id, title;
  bool empty;
  std::function<void(Html&)> add;
};

void add_examples(Html& page, const std::vector<RetrievalExample>& examples) {
  for (const auto& example : examples) add_example(page, example);
}

void add_task_sections(const std::vector<TaskReport>& tasks, std::vector<ReportSection>& all) {
  for (size_t i = 0; i < tasks.size(); ++i) {
    const auto& task = tasks[i];
    const auto more = task.protocol == task.split ? "" : " \u00b7 protocol " + task.protocol;
    all.push_back({"task-" + std::to_string(i + 1),
                   "Task " + task.task + " \u00b7 " + task.split + more, false,
                   [&task](Html& page) { add_task(page, task); }});
  }
}

std::vector<ReportSection> sections_of(const Report& r) {
  std::vector<ReportSection> all = {
      {"run", "Run", r.facts.empty(), [&](Html& page) { add_facts(page, r.facts); }},
      {"metrics", "Metrics", r.metrics.empty(), [&](Html& page) { add_metrics(page, r.metrics); }}};
  add_task_sections(r.tasks, all);
  std::vector<ReportSection> rest = {
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
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

}  // namespace

void write_report(const Report& report, const std::filesystem::path& path) {
  auto page = start_page(report.title);
  page.leaf("h1", report.title);
  const auto sections = sections_of(report);
  page.open("nav");
  for (const auto& section : sections) {
    if (!section.empty) page.leaf("a", section.title, {{"href", "#" + section.id}});
  }
  page.close();
  add_warnings(page, report.warnings);
  add_tiles(page, first_inputs(report.metrics));
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
