#include "braid/data/table_value.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/modality/tabular/cell_object.h"
#include "braid/modality/tabular/cell_text.h"

namespace braid {

std::string table_value(std::vector<TableCell> cells, std::span<const std::string> missing) {
  Row object = Row::object();
  bool any = false;
  for (auto& [column, texts] : cells) {
    std::erase_if(texts, [&](const std::string& text) { return means_missing(text, missing); });
    any = any || !texts.empty();
    object.emplace(column, texts.empty()       ? Row()
                           : texts.size() == 1 ? Row(std::move(texts[0]))
                                               : Row(std::move(texts)));
  }
  return any ? object.dump() : "";
}

ColumnPattern::ColumnPattern(std::vector<std::string> names, bool may_be_empty)
    : names_(std::move(names)), may_be_empty_(may_be_empty) {
  for (const auto& name : names_) {
    if (name.find('*') == name.npos) continue;
    if (name.size() < 3 || !name.ends_with(".*") || name.find('*') != name.size() - 1) {
      throw Error(ErrorCode::kConfig, "column '" + name +
                                          "': a star stands for all cells below a name: expected "
                                          "such as 'tabular.*'");
    }
    stars_[name].prefix = name.substr(0, name.size() - 1);
  }
}

void ColumnPattern::look_at(const Row& row) {
  for (const auto& cell : cell_names(row)) {
    for (auto& [name, star] : stars_) {
      if (!cell.starts_with(star.prefix) || !star.known.insert(cell).second) continue;
      star.found.push_back(cell);
      if (star.found.size() > kMaxTableColumns) {
        throw Error(ErrorCode::kLimit, "column '" + name + "': more than " +
                                           std::to_string(kMaxTableColumns) +
                                           " cells: name those that matter");
      }
    }
  }
}

std::vector<std::string> ColumnPattern::columns() const {
  std::vector<std::string> all;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  };
  for (const auto& name : names_) {
    const auto star = stars_.find(name);
    if (star == stars_.end()) {
      add(name);
      continue;
    }
    if (star->second.found.empty() && !may_be_empty_) {
      throw Error(ErrorCode::kConfig, "column '" + name + "': no row has a cell below it");
    }
    for (const auto& found : star->second.found) add(found);
  }
  return all;
}

}  // namespace braid
