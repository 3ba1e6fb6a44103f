#include "braid/data/file_columns.h"

#include "braid/data/inspect.h"

namespace braid {

std::vector<FieldSource> file_fields(const DataConfig& data, const std::filesystem::path& base,
                                     const std::vector<std::string>& named,
                                     const ProgressSink& progress) {
  auto columns = named;
  if (columns.empty()) {
    InspectConfig look;
    look.data = data;
    look.base = base;
    look.read_files = false;
    look.progress = progress;
    for (const auto& column : inspect(look).columns) {
      if (is_file_kind(column.kind)) columns.push_back(column.name);
    }
  }
  std::vector<FieldSource> fields;
  for (const auto& column : columns) fields.push_back({column, "file", {{"", {column}}}});
  return fields;
}

}  // namespace braid
