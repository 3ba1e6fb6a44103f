// The texts of a study's table, as Markdown and the page show them. Torch-free.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "braid/study/study_table.h"

namespace braid::table_cells {

struct Column {
  std::string title;
  std::function<std::string(const TableRow& row)> text;
};

std::vector<Column> columns(const StudyTable& table);
std::vector<std::pair<std::string, std::string>> facts(const StudyTable& table);
const char* explanation();
std::string figure(double value);

}  // namespace braid::table_cells
