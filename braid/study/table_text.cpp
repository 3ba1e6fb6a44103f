// A study's table as Markdown, CSV, JSON and for terminals.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "braid/core/text.h"
#include "braid/study/study_table.h"
#include "braid/study/table_cells.h"

namespace braid {

using Json = nlohmann::ordered_json;

namespace table_cells {

std::string figure(double value) {
  if (std::isnan(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, std::abs(value) < 1000 ? "%.4f" : "%.5g", value);
  return text;
}

std::string range(const Interval& interval) {
  if (std::isnan(interval.low)) return "-";
  return figure(interval.low) + " .. " + figure(interval.high);
}

std::string p_text(const std::optional<double>& p, const Comparison& comparison) {
  if (!p) return comparison.absent.empty() ? "-" : comparison.absent;
  char text[32];
  std::snprintf(text, sizeof text, *p < 0.0001 ? "< 0.0001" : "%.4f", *p);
  return text;
}

std::string difference(const Comparison& comparison) {
  if (!comparison.absent.empty()) return "-";
  char text[64];
  std::snprintf(text, sizeof text, "%+.4f (%+.4f .. %+.4f)", comparison.effect,
                comparison.interval.low, comparison.interval.high);
  return text;
}

std::string amount(double value) {
  const char* units[] = {"", " k", " M", " G", " T"};
  if (value <= 0 || std::isnan(value)) return "-";
  size_t unit = 0;
  for (; value >= 1000 && unit < 4; ++unit) value /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f%s", unit ? 2 : 0, value, units[unit]);
  return text;
}

std::string seconds(double value) {
  if (std::isnan(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.1f s" : "%.0f s", value);
  return text;
}

std::vector<Column> columns(const StudyTable& table) {
  const auto better = smaller_is_better(table.metric) ? " (smaller is better)" : "";
  const auto against = [](const TableRow& row, auto text) {
    return row.against ? text(*row.against) : std::string(row.best ? "best" : "-");
  };
  return {
      {"", [](const TableRow& r) { return r.contender.name; }},
      {"seeds",
       [](const TableRow& r) {
         return r.contender.role == "blind" ? "-" : std::to_string(r.contender.cells.size());
       }},
      {table.validation, [](const TableRow& r) { return figure(r.validation); }},
      {table.split + better, [](const TableRow& r) { return figure(r.value); }},
      {"95 % over seeds",
       [](const TableRow& r) { return r.seeds_interval ? range(*r.seeds_interval) : "-"; }},
      {"95 % over rows", [](const TableRow& r) { return r.rows ? range(r.rows->interval) : "-"; }},
      {"best - this, over rows",
       [=](const TableRow& r) {
         return against(r, [](const AgainstBest& a) { return difference(a.rows.comparison); });
       }},
      {"p rows",
       [=](const TableRow& r) {
         return against(r, [](const AgainstBest& a) { return p_text(a.rows_p, a.rows.comparison); });
       }},
      {"p seeds",
       [=](const TableRow& r) {
         return against(r, [](const AgainstBest& a) { return p_text(a.seeds_p, a.seeds); });
       }},
      {"parameters",
       [](const TableRow& r) { return amount(static_cast<double>(r.contender.parameters)); }},
      {"FLOPs", [](const TableRow& r) { return amount(r.contender.flops); }},
      {"training", [](const TableRow& r) { return seconds(r.seconds); }},
      {"memory", [](const TableRow& r) {
         return r.peak_memory_mb > 0 ? std::to_string(r.peak_memory_mb) + " MB" : "-";
       }}};
}

std::vector<std::pair<std::string, std::string>> facts(const StudyTable& table) {
  std::vector<std::string> seeds;
  for (const int64_t seed : table.seeds) seeds.push_back(std::to_string(seed));
  std::vector<std::pair<std::string, std::string>> out = {
      {"metric", table.metric},
      {"winner chosen on", table.validation},
      {"figures of", table.split},
      {"seeds", join(seeds, ", ")},
      {"rows grouped by", table.group.empty() ? "nothing: each stands for itself" : table.group},
      {"data hash", table.data_hash},
      {"machine", table.cpu + ", " + std::to_string(table.threads) + " thread(s) a cell"}};
  if (const auto* best = best_row(table)) out.insert(out.begin(), {"best", best->contender.name});
  return out;
}

const char* explanation() {
  return "Value: mean over seeds. Over seeds: Student's t. Over rows: bootstrap of the mean over "
         "seeds. Tests compare each line with the best on the rows that both answered and, paired "
         "by seed, over seeds; p after Holm over the lines of the table. docs/compare.md says what "
         "each number means.";
}

}  // namespace table_cells

namespace {

using namespace table_cells;

// A cell of a Markdown table or a CSV record.
std::string markdown_cell(std::string text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c == '\n' ? ' ' : c);
  return out;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string number(double value) {
  if (!std::isfinite(value)) return "";
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

Json value_json(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json comparison_json(const Comparison& c, const std::optional<double>& adjusted) {
  if (!c.absent.empty()) return {{"absent", c.absent}};
  return {{"test", c.test},
          {"difference", c.effect},
          {"low", c.interval.low},
          {"high", c.interval.high},
          {"n", c.n},
          {"p", c.p},
          {"p_holm", adjusted ? Json(*adjusted) : Json()}};
}

Json row_json(const TableRow& row) {
  Json cells = Json::array();
  for (const auto& cell : row.contender.cells) {
    cells.push_back({{"seed", cell.seed},
                     {"validation", value_json(cell.validation)},
                     {"value", value_json(cell.value)},
                     {"seconds", cell.seconds},
                     {"peak_memory_mb", cell.peak_memory_mb}});
  }
  Json out = {{"name", row.contender.name},
              {"role", row.contender.role},
              {"settings", row.contender.settings},
              {"best", row.best},
              {"validation", value_json(row.validation)},
              {"value", value_json(row.value)},
              {"seeds_interval", row.seeds_interval
                                     ? Json{row.seeds_interval->low, row.seeds_interval->high}
                                     : Json()},
              {"rows_interval",
               row.rows ? Json{value_json(row.rows->interval.low), value_json(row.rows->interval.high)}
                        : Json()},
              {"rows", row.rows ? Json(row.rows->rows) : Json()},
              {"parameters", row.contender.parameters},
              {"flops_per_sample", row.contender.flops},
              {"seconds", value_json(row.seconds)},
              {"peak_memory_mb", row.peak_memory_mb},
              {"cells", cells}};
  if (row.against) {
    out["best_minus_this"] = {
        {"rows", comparison_json(row.against->rows.comparison, row.against->rows_p)},
        {"seeds", comparison_json(row.against->seeds, row.against->seeds_p)}};
    if (row.against->rows.comparison.absent.empty())
      out["best_minus_this"]["rows"]["rows"] = row.against->rows.rows;
  }
  return out;
}

std::string list_markdown(const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string text = "\n" + title + "\n\n";
  for (const auto& line : lines) text += "- " + line + "\n";
  return text;
}

}  // namespace

std::string table_markdown(const StudyTable& table) {
  std::string text = "# " + table.name + ": comparison\n\n";
  for (const auto& [name, value] : facts(table)) text += "- " + name + ": " + value + "\n";
  const auto all = columns(table);
  text += "\n|";
  for (const auto& column : all) text += " " + column.title + " |";
  text += "\n|";
  for (size_t i = 0; i < all.size(); ++i) text += "---|";
  text += "\n";
  for (const auto& row : table.rows) {
    text += "|";
    for (const auto& column : all) {
      const auto cell = markdown_cell(column.text(row));
      text += row.best && column.title.empty() ? " **" + cell + "** |" : " " + cell + " |";
    }
    text += "\n";
  }
  text += "\n" + std::string(explanation()) + "\n";
  text += list_markdown("Notes:", table.notes);
  text += list_markdown("Failed:", table.failed);
  return text + list_markdown("Missing:", table.missing);
}

std::string table_csv(const StudyTable& table) {
  std::string text =
      "name,role,best,seeds,validation,value,seeds_low,seeds_high,rows_low,rows_high,rows,"
      "difference,difference_low,difference_high,p_rows,p_rows_holm,p_seeds,p_seeds_holm,"
      "parameters,flops_per_sample,seconds,peak_memory_mb,settings\n";
  for (const auto& row : table.rows) {
    const auto& c = row.contender;
    std::vector<std::string> cells = {c.name, c.role, row.best ? "1" : "0",
                                      std::to_string(c.cells.size()), number(row.validation),
                                      number(row.value)};
    const auto add_interval = [&](const Interval* interval) {
      cells.push_back(interval ? number(interval->low) : "");
      cells.push_back(interval ? number(interval->high) : "");
    };
    add_interval(row.seeds_interval ? &*row.seeds_interval : nullptr);
    add_interval(row.rows ? &row.rows->interval : nullptr);
    cells.push_back(row.rows ? std::to_string(row.rows->rows) : "");
    const auto* rows = row.against ? &row.against->rows.comparison : nullptr;
    if (rows && !rows->absent.empty()) rows = nullptr;
    cells.push_back(rows ? number(rows->effect) : "");
    add_interval(rows ? &rows->interval : nullptr);
    cells.push_back(rows ? number(rows->p) : "");
    cells.push_back(rows && row.against->rows_p ? number(*row.against->rows_p) : "");
    const bool seeds = row.against && row.against->seeds.absent.empty();
    cells.push_back(seeds ? number(row.against->seeds.p) : "");
    cells.push_back(seeds && row.against->seeds_p ? number(*row.against->seeds_p) : "");
    cells.push_back(std::to_string(c.parameters));
    cells.push_back(number(c.flops));
    cells.push_back(number(row.seconds));
    cells.push_back(std::to_string(row.peak_memory_mb));
    cells.push_back(join(c.settings, "; "));
    for (auto& cell : cells) cell = csv_cell(cell);
    text += join(cells, ",") + "\n";
  }
  return text;
}

std::string table_json(const StudyTable& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) rows.push_back(row_json(row));
  const auto* best = best_row(table);
  const Json all = {{"name", table.name},
                    {"metric", table.metric},
                    {"smaller_is_better", smaller_is_better(table.metric)},
                    {"validation", table.validation},
                    {"split", table.split},
                    {"seeds", table.seeds},
                    {"threads", table.threads},
                    {"group", table.group},
                    {"data_hash", table.data_hash},
                    {"best", best ? Json(best->contender.name) : Json()},
                    {"rows", rows},
                    {"notes", table.notes},
                    {"failed", table.failed},
                    {"missing", table.missing}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string table_terminal(const StudyTable& table) {
  constexpr size_t kMostName = 28;
  size_t width = 4;
  for (const auto& row : table.rows) width = std::max(width, row.contender.name.size());
  width = std::min(width, kMostName);
  char line[256];
  std::snprintf(line, sizeof line, "%-*s %5s %9s %9s  %-18s %9s %9s\n", static_cast<int>(width),
                table.metric.substr(0, kMostName).c_str(), "seeds", table.validation.c_str(),
                table.split.c_str(), "95 % over rows", "p rows", "p seeds");
  std::string text = line;
  for (const auto& row : table.rows) {
    const auto p = [&](const std::optional<double>& value, const Comparison& c) {
      return value ? p_text(value, c) : std::string("-");
    };
    const auto* a = row.against ? &*row.against : nullptr;
    const bool blind = row.contender.role == "blind";
    std::snprintf(line, sizeof line, "%-*s %5s %9s %9s  %-18s %9s %9s\n", static_cast<int>(width),
                  printable(row.contender.name).substr(0, kMostName).c_str(),
                  blind ? "-" : std::to_string(row.contender.cells.size()).c_str(),
                  figure(row.validation).c_str(), figure(row.value).c_str(),
                  row.rows ? range(row.rows->interval).c_str() : "-",
                  a ? p(a->rows_p, a->rows.comparison).c_str() : row.best ? "best" : "-",
                  a ? p(a->seeds_p, a->seeds).c_str() : row.best ? "best" : "-");
    text += line;
  }
  return text;
}

}  // namespace braid
