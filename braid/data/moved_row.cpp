#include "braid/data/moved_row.h"

#include <nlohmann/json.hpp>

namespace braid {

void put_values(Row& cells, const std::string& column, const std::vector<std::string>& values) {
  auto* cell = const_cast<Row*>(find_cell(cells, column));  // the row is the caller's own
  if (!cell || values.empty()) return;
  *cell = cell->is_array() ? Row(values) : Row(values[0]);
}

Row moved_row(const Dataset& data, int64_t row, size_t first, const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  const auto base = fs::absolute(folder).lexically_normal();
  auto cells = Row::parse(data.row_json(row));
  for (size_t field = first; field < data.fields().size(); ++field) {
    const auto& column = data.fields()[field].field;
    std::vector<std::string> names;
    for (const auto& value : data.values(row, field, 0)) {
      const auto file = fs::absolute(value.file).lexically_relative(base);
      names.push_back(file.generic_string() + (value.member.empty() ? "" : "#" + value.member));
    }
    put_values(cells, column, names);
    for (const char* tail : {"_shard", "_index"}) cells.erase(column + tail);
    if (column.ends_with("_key")) cells.erase(column.substr(0, column.size() - 4) + "_shard");
  }
  for (const char* name : {"shard", "__key__"}) cells.erase(name);
  return cells;
}

}  // namespace braid
