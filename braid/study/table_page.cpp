// A study's table as a page: facts, plot, table, notes.
#include <cmath>
#include <cstdio>

#include "braid/report/page.h"
#include "braid/report/plot_math.h"
#include "braid/report/sections.h"
#include "braid/study/study_table.h"
#include "braid/study/table_cells.h"

namespace braid {
namespace {

constexpr double kLabelWidth = 190, kPlotLeft = 200, kPlotRight = 880, kLineHeight = 26,
                 kPlotTop = 14, kPlotBottom = 40;
constexpr int kStudyPlotWidth = 900;
constexpr size_t kLongestLabel = 28;  // characters

std::string px(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// Colours of the page's style: variants, single fields, blind.
const char* series_of(const TableRow& row) {
  return row.contender.role == "variant" ? "s0" : row.contender.role == "single" ? "s1" : "s6";
}

// Interval over seeds where there is one, else over rows.
Interval shown_interval(const TableRow& row) {
  if (row.seeds_interval) return *row.seeds_interval;
  if (row.rows && std::isfinite(row.rows->interval.low)) return row.rows->interval;
  return {row.value, row.value};
}

struct Axis {
  Ticks ticks;
  double x(double value) const {
    return kPlotLeft + (value - ticks.low) / (ticks.high - ticks.low) * (kPlotRight - kPlotLeft);
  }
};

// A circle, a square or a diamond.
void draw_mark(Html& svg, const TableRow& row, double x, double y) {
  const auto series = series_of(row);
  if (row.contender.role == "variant") {
    svg.empty("circle", {{"class", series}, {"cx", px(x)}, {"cy", px(y)}, {"r", row.best ? "6" : "4.5"}});
    return;
  }
  const double r = 5;
  const auto at = [&](double dx, double dy) { return px(x + dx) + " " + px(y + dy); };
  const auto path = row.contender.role == "single"
                        ? "M" + at(-r, -r) + "L" + at(r, -r) + "L" + at(r, r) + "L" + at(-r, r) + "Z"
                        : "M" + at(0, -r) + "L" + at(r, 0) + "L" + at(0, r) + "L" + at(-r, 0) + "Z";
  svg.empty("path", {{"class", series}, {"d", path}});
}

void draw_row(Html& svg, const Axis& axis, const TableRow& row, double y) {
  auto name = row.contender.name;
  if (name.size() > kLongestLabel) name.resize(kLongestLabel);
  svg.leaf("text", name + (row.best ? " \u2605" : ""),
           {{"x", px(kLabelWidth)}, {"y", px(y + 4)}, {"text-anchor", "end"}});
  if (!std::isfinite(row.value)) return;
  const auto interval = shown_interval(row);
  svg.empty("path", {{"class", series_of(row)},
                     {"d", "M" + px(axis.x(interval.low)) + " " + px(y) + "L" +
                               px(axis.x(interval.high)) + " " + px(y)}});
  draw_mark(svg, row, axis.x(row.value), y);
}

std::string plot_svg(const StudyTable& table) {
  double low = 0, high = 0;
  bool any = false;
  for (const auto& row : table.rows) {
    if (!std::isfinite(row.value)) continue;
    const auto interval = shown_interval(row);
    low = any ? std::min(low, interval.low) : interval.low;
    high = any ? std::max(high, interval.high) : interval.high;
    any = true;
  }
  if (!any) return "";
  const Axis axis{nice_ticks(low, high, 8)};
  const double bottom = kPlotTop + kLineHeight * static_cast<double>(table.rows.size());
  Html svg;
  svg.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                   {"viewBox", "0 0 " + std::to_string(kStudyPlotWidth) + " " + px(bottom + kPlotBottom)},
                   {"role", "img"},
                   {"aria-label", table.metric + " of each variant with its interval"}});
  for (const double at : axis.ticks.at) {
    const auto x = px(axis.x(at));
    svg.empty("line", {{"class", "grid"}, {"x1", x}, {"x2", x}, {"y1", px(kPlotTop)}, {"y2", px(bottom)}});
    svg.leaf("text", tick_label(at, axis.ticks.step),
             {{"x", x}, {"y", px(bottom + 16)}, {"text-anchor", "middle"}});
  }
  for (size_t i = 0; i < table.rows.size(); ++i)
    draw_row(svg, axis, table.rows[i], kPlotTop + kLineHeight * (static_cast<double>(i) + 0.5));
  svg.leaf("text", table.metric + ", " + table.split,
           {{"x", px((kPlotLeft + kPlotRight) / 2)}, {"y", px(bottom + 34)}, {"text-anchor", "middle"}});
  return svg.finish();
}

void add_study_table(Html& page, const StudyTable& table) {
  page.open("div", {{"class", "card"}, {"style", "overflow-x: auto"}}).open("table");
  const auto all = table_cells::columns(table);
  page.open("thead").open("tr");
  for (const auto& column : all) page.leaf("th", column.title, {{"scope", "col"}});
  page.close().close().open("tbody");
  for (const auto& row : table.rows) {
    page.open("tr");
    for (const auto& column : all) {
      if (!column.title.empty()) {
        page.leaf("td", column.text(row));
        continue;
      }
      page.open("th", {{"scope", "row"}, {"style", "white-space: nowrap"}}).text(column.text(row));
      if (row.best) page.leaf("span", "best", {{"class", "tag"}});
      page.leaf("small", row.contender.role).close();
    }
    page.close();
  }
  page.close().close().close();
}

void add_section(Html& page, const char* id, const char* title,
                 const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  add_heading(page, id, title);
  add_problems(page, lines);
}

}  // namespace

std::string table_page(const StudyTable& table) {
  const auto title = table.name + ": comparison";
  auto page = start_page(title);
  page.leaf("h1", title);
  add_facts(page, table_cells::facts(table));
  add_section(page, "notes", "Notes", table.notes);
  add_heading(page, "plot", "At a glance");
  page.open("figure", {{"class", "card"}});
  page.leaf("figcaption", table.metric + " on " + table.split +
                              ": circles are variants, squares one field alone, diamonds blind "
                              "answers; lines are 95 % intervals, over seeds where there are some");
  page.raw(plot_svg(table)).close();
  add_heading(page, "table", "Table");
  add_study_table(page, table);
  page.leaf("p", table_cells::explanation(), {{"class", "soft"}});
  add_section(page, "failed", "Failed", table.failed);
  add_section(page, "missing", "Missing", table.missing);
  page.leaf("footer",
            "Written by braid. This page is one file: no scripts, nothing loaded from elsewhere.");
  return page.finish();
}

}  // namespace braid
