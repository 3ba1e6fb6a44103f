// braid index duplicates
#include <cstdio>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/index_verbs.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/index/duplicates.h"
#include "braid/index/item_file.h"
#include "braid/report/groups_page.h"
#include "braid/report/value_thumbnail.h"

namespace braid {
namespace {

struct DuplicateArguments {
  std::string index, html;
  DuplicateOptions options;
  bool json = false, quiet = false;
};

nlohmann::ordered_json report_json(const DuplicateArguments& a, const DuplicateReport& report) {
  auto groups = nlohmann::ordered_json::array();
  for (const auto& group : report.groups) {
    auto items = nlohmann::ordered_json::array();
    for (const auto& item : group) {
      items.push_back({{"key", item.key},
                       {"file", located_file(item.file, a.index).text()},
                       {"score", item.score},
                       {"nearest", item.nearest}});
    }
    groups.push_back(items);
  }
  return {{"index", a.index},
          {"threshold", a.options.threshold},
          {"items", report.items},
          {"pairs", report.pairs},
          {"groups", groups}};
}

std::string summary_text(const DuplicateArguments& a, const DuplicateReport& report) {
  size_t in_groups = 0;
  for (const auto& group : report.groups) in_groups += group.size();
  char text[200];
  std::snprintf(text, sizeof text,
                "%zu groups hold %zu of %lld items; %lld pairs with a cosine of %.4g or more",
                report.groups.size(), in_groups, static_cast<long long>(report.items),
                static_cast<long long>(report.pairs), a.options.threshold);
  return text;
}

void print_groups(const DuplicateArguments& a, const DuplicateReport& report) {
  for (size_t i = 0; i < report.groups.size(); ++i) {
    std::printf("group %zu, %zu items\n", i + 1, report.groups[i].size());
    for (const auto& item : report.groups[i]) {
      std::printf("  %.4f  %s  %s\n", item.score, item.key.c_str(),
                  located_file(item.file, a.index).text().c_str());
    }
  }
  std::printf("%s: %s\n", a.index.c_str(), summary_text(a, report).c_str());
}

void write_page(const DuplicateArguments& a, const DuplicateReport& report) {
  constexpr size_t kMaxGroups = 300, kMaxItems = 24;  // a page that a browser still opens
  GroupsPage page{"Near duplicates", summary_text(a, report), {}};
  if (report.groups.size() > kMaxGroups) {
    page.summary += "; the " + std::to_string(kMaxGroups) + " largest groups are shown";
  }
  for (size_t i = 0; i < std::min(report.groups.size(), kMaxGroups); ++i) {
    const auto& group = report.groups[i];
    RetrievalExample example;
    example.query =
        "group " + std::to_string(i + 1) + ", " + std::to_string(group.size()) + " items";
    if (group.size() > kMaxItems) example.query += ", " + std::to_string(kMaxItems) + " shown";
    for (size_t n = 0; n < std::min(group.size(), kMaxItems); ++n) {
      const auto item = located_file(group[n].file, a.index);
      example.hits.push_back({fetch_thumbnail({item.text(), item.file, item.member}), group[n].key,
                              group[n].score, false});
    }
    page.groups.push_back(std::move(example));
  }
  write_groups_page(page, a.html);
  std::fprintf(stderr, "page: %s\n", a.html.c_str());
}

void run_duplicates(DuplicateArguments& a) {
  a.options.sink = progress_display(a.quiet);
  a.options.stop = &stop_on_signals();
  const auto report = find_duplicates(*open_index(a.index), a.options);
  if (a.json) {
    print_json(report_json(a, report));
  } else {
    print_groups(a, report);
  }
  if (!a.html.empty()) write_page(a, report);
}

}  // namespace

void add_index_duplicates(CLI::App& index) {
  auto* verb = index.add_subcommand(
      "duplicates", "Groups of items that are nearly the same: every pair is compared");
  auto a = std::make_shared<DuplicateArguments>();
  verb->add_option("index", a->index, "index folder")->required();
  verb->add_option("--threshold", a->options.threshold, "least cosine of a pair")
      ->check(CLI::Range(-1.0, 1.0))
      ->capture_default_str();
  verb->add_option("--html", a->html, "also write a page with pictures");
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n"
      "  braid index duplicates photos.index\n"
      "  braid index duplicates photos.index --threshold 0.99 --html twins.html\n");
  verb->callback([a] { run_duplicates(*a); });
}

}  // namespace braid
