#include <algorithm>

#include "braid/metric/inputs_table.h"
#include "braid/report/sections.h"

namespace braid {
namespace {

constexpr size_t kTilesShown = 4;

bool is_rank(const Metric& m) { return m.name == "median_rank"; }

// Shares of one get a bar; a rank, a distance or an error has no full length.
bool is_share(const Metric& m) { return !smaller_is_better(m.name) && m.low >= 0 && m.high <= 1; }

std::string value_text(const Metric& m, double value) { return decimal(value, is_rank(m) ? 1 : 3); }

std::string interval_text(const Metric& m) {
  return value_text(m, m.low) + " \u2013 " + value_text(m, m.high);
}

std::string arrow(std::string direction) {
  const auto at = direction.find("->");
  if (at != std::string::npos) direction.replace(at, 2, " \u2192 ");
  return direction;
}

std::string title_of(const Metric& m) {
  std::string title = m.protocol.empty() ? "" : "Protocol " + m.protocol;
  const auto add = [&](const std::string& words) {
    if (!words.empty()) title += (title.empty() ? "" : " \u00b7 ") + words;
  };
  add(m.split);
  add(m.task);
  if (!m.task.empty() && !m.label.empty()) add("each");  // they have other metrics than the whole
  return title;
}

std::string conditions(const Metric& m) {
  std::string text;
  if (m.task.empty()) text = "gallery " + std::to_string(m.gallery) + " \u00b7 ";
  if (!m.task.empty() && m.gallery > 0) {
    text = "classes " + std::to_string(m.gallery) + " \u00b7 ";
  }
  text += "n " + std::to_string(m.n);
  if (m.captions_per_item > 1) {
    text += " \u00b7 up to " + std::to_string(m.captions_per_item) + " captions";
  }
  return text + " \u00b7 seed " + std::to_string(m.seed);
}

using MetricRow = std::vector<const Metric*>;  // one direction and language under one protocol

bool same_row(const Metric& a, const Metric& b) {
  return a.direction == b.direction && a.language == b.language && a.query_field == b.query_field &&
         a.gallery_field == b.gallery_field && a.label == b.label && conditions(a) == conditions(b);
}

struct MetricTable {
  std::string title;
  std::vector<std::string> columns;  // names of metrics in order of first sight
  std::vector<MetricRow> rows;
};

std::vector<MetricTable> tables_of(std::span<const Metric> metrics) {
  std::vector<MetricTable> tables;
  for (const auto& m : metrics) {
    const auto title = title_of(m);
    auto table = std::ranges::find(tables, title, &MetricTable::title);
    if (table == tables.end()) table = tables.insert(table, MetricTable{title, {}, {}});
    if (std::ranges::find(table->columns, m.name) == table->columns.end()) {
      table->columns.push_back(m.name);
    }
    auto row =
        std::ranges::find_if(table->rows, [&](const MetricRow& r) { return same_row(*r[0], m); });
    if (row == table->rows.end()) row = table->rows.insert(row, MetricRow{});
    row->push_back(&m);
  }
  return tables;
}

// The value as a bar, its interval as a band around the end.
void add_bar(Html& page, const Metric& m) {
  const auto rect = [&](const char* name, double from, double to, const char* y,
                        const char* height) {
    page.empty("rect", {{"class", name},
                        {"x", decimal(100 * from, 1)},
                        {"y", y},
                        {"width", decimal(100 * (to - from), 1)},
                        {"height", height}});
  };
  page.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                    {"class", "bar"},
                    {"viewBox", "0 0 100 7"},
                    {"preserveAspectRatio", "none"},
                    {"aria-hidden", "true"}});
  rect("track", 0, 1, "3", "1");
  rect("mark", 0, m.value, "2", "3");
  rect("band", m.low, m.high, "0", "7");
  rect("mark", std::max(0.0, m.value - 0.01), std::min(1.0, m.value + 0.01), "0", "7");
  page.close();
}

void add_cell(Html& page, const MetricRow& row, const std::string& column) {
  page.open("td", {{"data-label", column}});
  const auto found = std::ranges::find_if(row, [&](const Metric* m) { return m->name == column; });
  if (found == row.end()) {
    page.text("\u2013").close();
    return;
  }
  const Metric& m = **found;
  if (!m.absent.empty()) {
    page.text("\u2013").leaf("small", m.absent).close();
    return;
  }
  page.text(value_text(m, m.value)).leaf("small", interval_text(m));
  if (m.chance && m.label.empty()) page.leaf("small", "chance " + value_text(m, *m.chance));
  if (is_share(m)) add_bar(page, m);
  page.close();
}

// `inputs`: rows are called by the fields that were seen.
void add_table(Html& page, const MetricTable& table, bool inputs) {
  if (!table.title.empty()) page.leaf("h3", table.title);
  page.open("div", {{"class", "card"}}).open("table", {{"class", "metrics"}});
  page.open("thead").open("tr");
  page.leaf("th", inputs ? "fields seen" : "direction", {{"scope", "col"}});
  for (const auto& column : table.columns) page.leaf("th", column, {{"scope", "col"}});
  page.close().close().open("tbody");
  for (const auto& row : table.rows) {
    const Metric& m = *row.front();
    page.open("tr")
        .open("th", {{"scope", "row"}})
        .text(inputs           ? m.query_field
              : m.task.empty() ? arrow(m.direction)
                               : m.task);
    if (!m.language.empty()) page.leaf("span", m.language, {{"class", "tag"}});
    if (!m.label.empty()) page.leaf("span", "of " + m.label, {{"class", "tag"}});
    page.leaf("small", conditions(m)).close();
    for (const auto& column : table.columns) add_cell(page, row, column);
    page.close();
  }
  page.close().close().close();
}

void add_matrix(Html& page, const MetricMatrix& matrix) {
  page.leaf("h3", matrix.name +
                      (matrix.protocol.empty() ? "" : " \u00b7 protocol " + matrix.protocol) +
                      (matrix.language.empty() ? "" : " \u00b7 " + matrix.language));
  page.open("div", {{"class", "card"}}).open("table", {{"class", "metrics"}});
  page.open("thead").open("tr").leaf("th", "asks \u2192 searched", {{"scope", "col"}});
  for (const auto& field : matrix.fields) page.leaf("th", field, {{"scope", "col"}});
  page.close().close().open("tbody");
  for (size_t asks = 0; asks < matrix.fields.size(); ++asks) {
    page.open("tr").leaf("th", matrix.fields[asks], {{"scope", "row"}});
    for (size_t searched = 0; searched < matrix.fields.size(); ++searched) {
      const auto& value = matrix.values[asks][searched];
      page.leaf("td", value ? decimal(*value, 3) : "\u2013",
                {{"data-label", matrix.fields[searched]}});
    }
    page.close();
  }
  page.close().close().close();
}

}  // namespace

void add_tiles(Html& page, std::span<const Metric> metrics) {
  MetricRow tiles;
  for (const auto& m : metrics) {
    const bool shown = m.name == "recall@10" || m.name == "accuracy";
    if (shown && m.label.empty() && tiles.size() < kTilesShown) tiles.push_back(&m);
  }
  if (tiles.empty()) return;
  page.open("div", {{"class", "tiles"}});
  for (const Metric* m : tiles) {
    page.open("div", {{"class", "tile card"}})
        .leaf("span", m->task.empty() ? arrow(m->direction) : m->task);
    if (!m->language.empty()) page.leaf("span", m->language, {{"class", "tag"}});
    page.leaf("b", value_text(*m, m->value));
    page.leaf("div", interval_text(*m), {{"class", "soft"}});
    const auto title = title_of(*m);
    page.leaf("div", m->name + (title.empty() ? "" : " \u00b7 " + title), {{"class", "soft"}});
    page.close();
  }
  page.close();
}

void add_metrics(Html& page, std::span<const Metric> metrics) {
  page.leaf("p",
            "Values with their 95 % bootstrap interval. recall@k: share of queries whose true item "
            "is among the first k; median_rank: 1 is best; mrr: mean of 1 / rank. All others: "
            "docs/metrics.md.",
            {{"class", "soft"}});
  for (const auto& matrix : recall_matrices(metrics)) add_matrix(page, matrix);
  const auto shown = first_inputs(metrics);  // the others stand with their task
  for (const auto& table : tables_of(shown)) add_table(page, table, false);
}

void add_inputs(Html& page, std::span<const Metric> metrics) {
  const auto names = telling_metrics(metrics);
  std::vector<Metric> shown;
  for (const auto& m : metrics) {
    if (m.label.empty() && std::ranges::find(names, m.name) != names.end()) shown.push_back(m);
  }
  for (auto& table : tables_of(shown)) {
    table.title.clear();
    table.columns = names;
    add_table(page, table, true);
  }
}

}  // namespace braid
