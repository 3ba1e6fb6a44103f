#include "braid/modality/tabular/column_choice.h"

#include <algorithm>
#include <set>

#include "braid/core/text.h"

namespace braid {
namespace {

const std::vector<std::string> kChoices = {"numeric", "categorical", "boolean",
                                           "ordinal", "date",        "skip"};

ColumnChoice plain_choice(const ConfigNode& node) {
  const auto& text = node.text();
  if (std::ranges::find(kChoices, text) == kChoices.end()) {
    node.fail("columns: no kind '" + text + "'" + did_you_mean(text, kChoices) +
              "; there are: " + join(kChoices, ", "));
  }
  if (text == "skip") return {ColumnKind::kEmpty, {}, {}};
  return {column_kind_named(text), {}, {}};
}

ColumnChoice ordinal_choice(const ConfigNode& node) {
  ColumnChoice choice{ColumnKind::kOrdinal, {}, {}};
  config_detail::read_value(node, choice.levels);
  const std::set<std::string> different(choice.levels.begin(), choice.levels.end());
  if (different.size() != choice.levels.size()) node.fail("ordinal: a level stands twice");
  if (choice.levels.size() < 2) node.fail("ordinal: expected two levels or more, from low to high");
  if (choice.levels.size() > 256) node.fail("ordinal: expected at most 256 levels");
  return choice;
}

ColumnChoice date_choice(const ConfigNode& node) {
  const auto order = config_detail::read_string(node);
  if (order == "dmy") return {ColumnKind::kDate, DateOrder::kDayFirst, {}};
  if (order == "mdy") return {ColumnKind::kDate, DateOrder::kMonthFirst, {}};
  node.fail("date: expected dmy (3/4 is the 3rd of April) or mdy (the 4th of March), got " + order);
}

}  // namespace

std::map<std::string, ColumnChoice> read_choices(const ConfigNode& columns) {
  std::map<std::string, ColumnChoice> choices;
  if (columns.is_null()) return choices;
  if (columns.kind() != ConfigNode::Kind::kMap) {
    columns.fail("columns: expected a map, such as {age: numeric, stage: {ordinal: [I, II]}}");
  }
  for (const auto& [name, node] : columns.entries()) {
    const bool one = node.kind() == ConfigNode::Kind::kMap && node.entries().size() == 1;
    const auto* ordinal = one ? node.find("ordinal") : nullptr;
    const auto* date = one ? node.find("date") : nullptr;
    if (node.kind() == ConfigNode::Kind::kScalar) {
      choices[name] = plain_choice(node);
    } else if (ordinal) {
      choices[name] = ordinal_choice(*ordinal);
    } else if (date) {
      choices[name] = date_choice(*date);
    } else {
      node.fail("columns: expected of '" + name + "' one of: " + join(kChoices, ", ") +
                ", {ordinal: [low, high]}, {date: dmy}, {date: mdy}");
    }
  }
  return choices;
}

}  // namespace braid
