// An audit as JSON for programs and as a table for people.
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "braid/core/text.h"
#include "braid/data/inspect.h"

namespace braid {
namespace {

using AuditJson = nlohmann::ordered_json;

int terminal_columns(UChar32 c) {
  if (c < 0 || u_getCombiningClass(c) != 0 || u_charType(c) == U_FORMAT_CHAR ||
      u_charType(c) == U_NON_SPACING_MARK) {
    return 0;
  }
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

// Cut to `width` columns of a terminal, between characters, with "…" where something is left out;
// filled up with spaces when `fill`. Control characters become spaces.
std::string fit_columns(const std::string& text, int width, bool fill = true) {
  struct Piece {
    size_t end;
    int columns;  // of all up to here
  };
  std::string out;
  std::vector<Piece> pieces;
  int used = 0;
  for (int32_t i = 0; i < static_cast<int32_t>(text.size()) && used <= width;) {
    const int32_t begin = i;
    UChar32 c = 0;
    U8_NEXT(text.data(), i, static_cast<int32_t>(text.size()), c);
    if (c >= 0 && u_iscntrl(c)) {
      out += ' ';
    } else if (c >= 0) {
      out.append(text, static_cast<size_t>(begin), static_cast<size_t>(i - begin));
    }
    used += c >= 0 && u_iscntrl(c) ? 1 : terminal_columns(c);
    pieces.push_back({out.size(), used});
  }
  if (used > width) {
    while (!pieces.empty() && pieces.back().columns > width - 1) pieces.pop_back();
    out.resize(pieces.empty() ? 0 : pieces.back().end);
    used = (pieces.empty() ? 0 : pieces.back().columns) + 1;
    out += "…";
  }
  if (fill && used < width) out.append(static_cast<size_t>(width - used), ' ');
  return out;
}

std::string pad_left(const std::string& text, int width) {
  const auto size = static_cast<int>(text.size());
  return (size < width ? std::string(static_cast<size_t>(width - size), ' ') : "") + text;
}

std::string range_text(const std::string& low, const std::string& high) {
  return low == high ? low : low + ".." + high;
}

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string kind_words(const ColumnAudit& column) {
  return (column.list ? "list of " : "") + column.kind;
}

std::string what_words(const ColumnAudit& column) {
  if (column.values == 0) return "";
  std::string words;
  if (column.list) {
    words = range_text(std::to_string(column.least), std::to_string(column.most)) + " a row; ";
  }
  if (column.kind == "number") {
    words += range_text(short_number(column.low), short_number(column.high));
  } else if (column.kind == "text") {
    words += range_text(std::to_string(column.shortest), std::to_string(column.longest)) + " chars";
  }
  const bool capped = column.distinct == ColumnAudit::kMaxDistinct;
  if (!words.empty() && !words.ends_with("; ")) words += "; ";
  return words + std::to_string(column.distinct) + (capped ? " or more" : "") + " distinct";
}

void add_columns(const Audit& audit, int width, std::string& out) {
  const int name_width = std::clamp(width / 4 - 2, 12, 24);
  const int kind_width = 16, number_width = 8;
  const int rest = width - name_width - kind_width - 2 * number_width - 4;
  out += "\n" + fit_columns("column", name_width) + " " + fit_columns("kind", kind_width) +
         pad_left("missing", number_width) + " " + pad_left("values", number_width) + "  what\n";
  for (const auto& column : audit.columns) {
    out += fit_columns(column.name, name_width) + " " +
           fit_columns(kind_words(column), kind_width) +
           pad_left(std::to_string(column.missing), number_width) + " " +
           pad_left(std::to_string(column.values), number_width) + "  " +
           fit_columns(what_words(column), rest, false) + "\n";
    if (!column.examples.empty()) {
      out += "  e.g. " + fit_columns(join(column.examples, " | "), width - 7, false) + "\n";
    }
  }
}

void add_problems(const Audit& audit, int width, std::string& out) {
  const auto line = [&](const std::string& text) { out += fit_columns(text, width, false) + "\n"; };
  out += "\n";
  if (!audit.checked.empty()) {
    line("files of " + join(audit.checked, ", ") + ": " + std::to_string(audit.files) + " read, " +
         std::to_string(audit.file_bytes) + " bytes, " + std::to_string(audit.unreadable) +
         " unreadable");
  }
  for (const auto& file : audit.unreadable_first)
    line("  " + file.where + " " + file.column + ": " + file.message);
  if (audit.unreadable > static_cast<int64_t>(audit.unreadable_first.size())) line("  ...");
  if (audit.splits.size() < 2) return;
  line("values in more than one split: " + std::to_string(audit.duplicates));
  for (const auto& found : audit.duplicates_first) {
    line("  " + found.column + " in " + join(found.where, ", ") + ": " + found.value);
  }
  if (audit.duplicates > static_cast<int64_t>(audit.duplicates_first.size())) line("  ...");
}

void add_target(const TargetAudit& target, int width, std::string& out) {
  const auto line = [&](const std::string& text) { out += fit_columns(text, width, false) + "\n"; };
  line("columns that give '" + target.column + "' away: " + std::to_string(target.leaks.size()) +
       " (" + std::to_string(target.compared) + " rows, " + std::to_string(target.classes) +
       (target.number ? " numbers)" : " values)"));
  for (const auto& leak : target.leaks) {
    line("  " + leak.kind + "  " + leak.column);
    line("    " + leak.words);
  }
}

AuditJson target_json(const TargetAudit& target) {
  AuditJson out = {{"column", target.column},
                   {"rows", target.rows},
                   {"compared", target.compared},
                   {"values", target.classes},
                   {"number", target.number},
                   {"leaks", AuditJson::array()}};
  for (const auto& leak : target.leaks) {
    out["leaks"].push_back({{"column", leak.column},
                            {"kind", leak.kind},
                            {"rows", leak.rows},
                            {"share", leak.right},
                            {"surely", leak.lowest},
                            {"most_frequent_target", leak.alone},
                            {"words", leak.words}});
  }
  return out;
}

AuditJson column_json(const ColumnAudit& column) {
  AuditJson out = {{"name", column.name},     {"kind", column.kind},
                   {"list", column.list},     {"missing", column.missing},
                   {"values", column.values}, {"distinct", column.distinct}};
  if (column.list) out["values_a_row"] = {column.least, column.most};
  if (column.kind == "number") {
    out["range"] = {column.low, column.high};
  } else if (column.values) {
    out["characters"] = {column.shortest, column.longest};
  }
  out["examples"] = column.examples;
  return out;
}

}  // namespace

std::string audit_table(const Audit& audit, int width) {
  width = std::max(width, 60);
  std::vector<std::string> names;
  for (const auto& file : audit.manifests) names.push_back(file.substr(file.rfind('/') + 1));
  std::string out = fit_columns("manifest  " + join(names, ", "), width, false) + "\n";
  std::vector<std::string> layouts;
  for (const auto& one : audit.layouts) {
    layouts.push_back(one.layout +
                      (one.sources > 1 ? " (" + std::to_string(one.sources) + " sources)" : ""));
  }
  out += fit_columns("layout    " + join(layouts, ", "), width, false) + "\n";
  std::string rows = "rows      " + std::to_string(audit.rows);
  for (const auto& [split, size] : audit.splits) rows += "  " + split + " " + std::to_string(size);
  out += fit_columns(rows, width, false) + "\n";
  add_columns(audit, width, out);
  add_problems(audit, width, out);
  if (audit.target) add_target(*audit.target, width, out);
  return out;
}

std::string audit_json(const Audit& audit) {
  AuditJson out;
  out["manifests"] = audit.manifests;
  out["layouts"] = AuditJson::array();
  for (const auto& one : audit.layouts) {
    out["layouts"].push_back(
        {{"layout", one.layout}, {"sources", one.sources}, {"rows", one.rows}});
  }
  out["rows"] = audit.rows;
  out["splits"] = AuditJson::object();
  for (const auto& [split, size] : audit.splits) out["splits"][split] = size;
  out["columns"] = AuditJson::array();
  for (const auto& column : audit.columns) out["columns"].push_back(column_json(column));
  out["files"] = {{"columns", audit.checked},
                  {"read", audit.files},
                  {"bytes", audit.file_bytes},
                  {"unreadable", audit.unreadable},
                  {"first_unreadable", AuditJson::array()}};
  for (const auto& file : audit.unreadable_first) {
    out["files"]["first_unreadable"].push_back({{"where", file.where},
                                                {"column", file.column},
                                                {"value", file.value},
                                                {"message", file.message}});
  }
  out["in_several_splits"] = {{"values", audit.duplicates}, {"first", AuditJson::array()}};
  for (const auto& found : audit.duplicates_first) {
    out["in_several_splits"]["first"].push_back({{"column", found.column},
                                                 {"value", found.value},
                                                 {"splits", found.splits},
                                                 {"where", found.where}});
  }
  if (audit.target) out["target"] = target_json(*audit.target);
  return out.dump(-1, ' ', false, AuditJson::error_handler_t::replace);
}

}  // namespace braid
