// What was learned of a table's columns, as a file of the run directory.
#pragma once

#include <string>
#include <vector>

#include "braid/modality/tabular/column.h"

namespace braid {

std::string columns_json(const std::vector<ColumnFacts>& columns);

// Throws Error(kInput) starting with `where` for what columns_json did not write.
std::vector<ColumnFacts> parse_columns(const std::string& json, const std::string& where);

}  // namespace braid
