#include "braid/modality/tabular/column_file.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "braid/core/error.h"
#include "braid/modality/tabular/cell_object.h"

namespace braid {
namespace {

using ColumnJson = nlohmann::ordered_json;

ColumnJson facts_json(const ColumnFacts& c) {
  return {{"name", c.name},         {"kind", column_kind_name(c.kind)},
          {"chosen", c.chosen},     {"day_first", c.order == DateOrder::kDayFirst},
          {"middle", c.middle},     {"spread", c.spread},
          {"levels", c.levels},     {"counts", c.counts},
          {"values", c.values},     {"missing", c.missing},
          {"infinite", c.infinite}, {"strays", c.strays},
          {"pooled", c.pooled},     {"note", c.note}};
}

ColumnFacts read_facts(const ColumnJson& json) {
  ColumnFacts c;
  c.name = json.at("name");
  const auto kind = column_kind_named(json.at("kind").get<std::string>());
  if (!kind) throw Error(ErrorCode::kInput, "column '" + c.name + "': no such kind");
  c.kind = *kind;
  c.chosen = json.at("chosen");
  c.order = json.at("day_first") ? DateOrder::kDayFirst : DateOrder::kMonthFirst;
  c.middle = json.at("middle");
  c.spread = json.at("spread");
  json.at("levels").get_to(c.levels);
  json.at("counts").get_to(c.counts);
  c.values = json.at("values");
  c.missing = json.at("missing");
  c.infinite = json.at("infinite");
  c.strays = json.at("strays");
  c.pooled = json.at("pooled");
  c.note = json.at("note");
  if (!std::isfinite(c.middle) || !std::isfinite(c.spread) || c.spread <= 0) {
    throw Error(ErrorCode::kInput, "column '" + c.name + "': expected finite statistics");
  }
  const bool truths = c.kind == ColumnKind::kBoolean;
  const bool levelled = c.kind == ColumnKind::kCategorical || c.kind == ColumnKind::kOrdinal;
  if ((!levelled && !c.levels.empty()) || c.counts.size() != (truths ? 2 : c.levels.size())) {
    throw Error(ErrorCode::kInput, "column '" + c.name + "': levels and counts do not agree");
  }
  return c;
}

}  // namespace

std::string columns_json(const std::vector<ColumnFacts>& columns) {
  ColumnJson list = ColumnJson::array();
  for (const auto& column : columns) list.push_back(facts_json(column));
  return ColumnJson{{"columns", list}}.dump(1) + "\n";
}

std::vector<ColumnFacts> parse_columns(const std::string& json, const std::string& where) {
  std::vector<ColumnFacts> columns;
  std::set<std::string> names;
  try {
    const auto file = ColumnJson::parse(json);
    for (const auto& one : file.at("columns")) {
      columns.push_back(read_facts(one));
      if (!names.insert(columns.back().name).second || columns.size() > kMaxTableColumns) {
        throw Error(ErrorCode::kInput, "too many columns, or one twice");
      }
    }
  } catch (const ColumnJson::exception& problem) {
    throw Error(ErrorCode::kInput, where + ": not what a run writes: " + problem.what());
  } catch (const Error& problem) {
    throw Error(problem.code(), where + ": " + problem.what());
  }
  return columns;
}

}  // namespace braid
