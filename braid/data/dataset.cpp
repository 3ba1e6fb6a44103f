#include "braid/data/dataset.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "braid/core/error.h"
#include "braid/core/reference.h"
#include "braid/core/text.h"
#include "braid/data/cell_store.h"
#include "braid/data/key_check.h"
#include "braid/data/part.h"
#include "braid/data/source_names.h"
#include "braid/data/split.h"
#include "braid/data/table_value.h"
#include "braid/data/value_parts.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kStreamBuffer = 1000;  // rows of compressed tars shuffled at a time

// One column that a field reads, with the columns beside it that say where its files lie.
struct FieldColumn {
  std::string name;  // in the manifest
  size_t cell = 0;   // number in the cell store
  bool names_files = false;
  bool holds_json = false;          // a cell may be the value itself
  std::vector<size_t> shard_cells;  // that may name its tar, the nearest first
  std::vector<size_t> index_cells;  // that may say which row of an array file
};

std::string without_tail(const std::string& name, std::string_view tail) {
  return name.ends_with(tail) ? name.substr(0, name.size() - tail.size()) : "";
}

class TableDataset final : public Dataset {
 public:
  TableDataset(const DataConfig& config, const std::vector<FieldSource>& fields,
               const fs::path& base)
      : config_(config),
        fields_(fields),
        cells_(table_bytes(config), [this](int64_t row) { return parse(row); }) {
    check_data_config(config);
    open_parts(base);
    for (auto& field : fields_) expand_columns(field);
    plan_columns();
    for (const auto& part : parts_) {
      first_rows_.push_back(size());
      for (int64_t i = 0; i < part->table().size(); ++i) read_row(*part, i);
    }
    check_columns();
    check_keys();
    for (auto& part : parts_) part->find_tars(split_names_);
  }

  int64_t size() const override { return static_cast<int64_t>(splits_.size()); }
  const std::string& split(int64_t row) const override { return split_names_[splits_.at(row)]; }

  std::string key(int64_t row) const override {
    return config_.key.empty() ? where(row) : cells_.texts(row, key_cell_).at(0);
  }

  std::vector<int64_t> rows(const std::string& split) const override {
    std::vector<int64_t> found;
    for (int64_t row = 0; row < size(); ++row) {
      if (split.empty() || this->split(row) == split) found.push_back(row);
    }
    return found;
  }

  std::vector<std::string> splits() const override {
    std::vector<std::string> names = split_names_;
    std::erase(names, "");
    return names;
  }

  std::vector<Value> values(int64_t row, size_t field, size_t source) const override {
    if (joins_columns(fields_.at(field).modality)) return joined_values(row, field, source);
    if (fields_.at(field).modality == "table") return table_values(row, field, source);
    std::vector<Value> values;
    for (const auto& column : columns_.at(field).at(source)) {
      for (auto& text : cells_.texts(row, column.cell)) {
        Value value{std::move(text), {}, {}};
        if (column.names_files) locate(row, column, value);
        values.push_back(std::move(value));
      }
    }
    return values;
  }

  std::vector<std::string> column(int64_t row, const std::string& name) const override {
    return texts(parse(row), manifest_column(name));
  }

  std::string row_json(int64_t row) const override { return parse(row).dump(); }

  std::string where(int64_t row) const override {
    const size_t part = part_index(row);
    return parts_[part]->where(row - first_rows_[part]);
  }

  const std::vector<FieldSource>& fields() const override { return fields_; }

  std::string fingerprint() const override {
    std::string all;
    for (const auto& part : parts_) all += part->table().content_hash() + "\n";
    for (const auto& name : split_names_) all += std::to_string(name.size()) + ":" + name + "\n";
    for (const auto split : splits_) all += std::to_string(split) + ",";
    return content_hash(std::string_view(all));
  }

  std::vector<Stream> streams() const override {
    std::vector<Stream> streams;
    for (size_t i = 0; i < parts_.size(); ++i) {
      streams.push_back({first_rows_[i], parts_[i]->source().layout, parts_[i]->source().path,
                         parts_[i]->table().in_order_only()});
    }
    return streams;
  }

  std::optional<int64_t> shuffle_buffer() const override {
    if (config_.shuffle_buffer) return config_.shuffle_buffer;
    const bool ordered = std::any_of(parts_.begin(), parts_.end(), [](const auto& part) {
      return part->table().in_order_only();
    });
    return ordered ? std::optional(kStreamBuffer) : std::nullopt;
  }

 private:
  static uint64_t table_bytes(const DataConfig& config) {
    return static_cast<uint64_t>(config.table_mb) << 20;
  }

  const std::string& manifest_column(const std::string& ours) const {
    const auto renamed = config_.rename.find(ours);
    return renamed == config_.rename.end() ? ours : renamed->second;
  }

  size_t part_index(int64_t row) const {
    const auto after = std::upper_bound(first_rows_.begin(), first_rows_.end(), row);
    return static_cast<size_t>(after - first_rows_.begin()) - 1;
  }

  const Part& part_of(int64_t row) const { return *parts_[part_index(row)]; }

  Row parse(int64_t row) const {
    const size_t part = part_index(row);
    return parts_[part]->table().row(row - first_rows_[part]);
  }

  std::vector<Value> joined_values(int64_t row, size_t field, size_t source) const {
    const auto& columns = columns_[field].at(source);
    std::vector<ValuePart> parts;
    for (const auto& column : columns) {
      for (auto& text : cells_.texts(row, column.cell)) {
        Value value{std::move(text), {}, {}};
        if (!is_inline_value(value.text)) locate(row, column, value);
        parts.push_back({column.name, std::move(value)});
      }
    }
    return join_parts(std::move(parts), columns.size(), where(row));
  }

  std::vector<Value> table_values(int64_t row, size_t field, size_t source) const {
    const auto& names = fields_[field].columns.at(source).second;
    std::vector<TableCell> cells;
    for (size_t i = 0; i < names.size(); ++i) {
      cells.push_back({names[i], cells_.texts(row, columns_[field][source][i].cell)});
    }
    auto text = table_value(std::move(cells), fields_[field].missing);
    return text.empty() ? std::vector<Value>{} : std::vector<Value>{{std::move(text), {}, {}}};
  }

  // Only a pattern costs a pass over the rows.
  void expand_columns(FieldSource& field) const {
    if (field.modality != "table") return;
    for (auto& [label, names] : field.columns) {
      ColumnPattern pattern(names, config_.may_lack_columns);
      for (const auto& part : parts_) {
        for (int64_t i = 0; pattern.open() && i < part->table().size(); ++i) {
          pattern.look_at(part->table().row(i));
        }
      }
      names = pattern.columns();
    }
  }

  void open_parts(const fs::path& base) {
    std::vector<Source> sources;
    std::vector<std::string> splits;
    const auto add = [&](const std::string& split, const std::string& text) {
      for (auto& source : find_sources(expand_environment(text), base, config_.layout)) {
        sources.push_back(std::move(source));
        splits.push_back(split);
      }
    };
    for (const auto& text : config_.manifest) add("", text);
    for (const auto& [split, texts] : config_.files) {
      for (const auto& text : texts) add(split, text);
    }
    tell_names_apart(sources);
    std::vector<fs::path> roots;
    for (const auto& root : config_.allow_roots) roots.push_back(base / expand_environment(root));
    const auto root = config_.root.empty() ? fs::path() : base / expand_environment(config_.root);
    for (size_t i = 0; i < sources.size(); ++i) {
      const TableInput input{sources[i].path, config_.max_row_bytes, config_.keep_unpaired};
      parts_.push_back(
          std::make_unique<Part>(splits[i], std::move(sources[i]), input, root, roots));
    }
    const bool by_layout = config_.files.empty() && config_.hash.empty() &&
                           std::all_of(parts_.begin(), parts_.end(),
                                       [](const auto& part) { return part->table().has_splits(); });
    split_column_ = config_.split_column.empty() && by_layout ? "split" : config_.split_column;
  }

  size_t add_cell(const std::string& name, bool json = false) {
    return cells_.add_column(manifest_column(name), json);
  }

  FieldColumn plan_column(const std::string& name, bool names_files, bool holds_json) {
    FieldColumn column{
        manifest_column(name), add_cell(name, holds_json), names_files, holds_json, {}, {}};
    if (!names_files) return column;
    const auto keyed = without_tail(name, "_key"), filed = without_tail(name, "_file");
    column.shard_cells.push_back(add_cell(name + "_shard"));
    if (!keyed.empty()) column.shard_cells.push_back(add_cell(keyed + "_shard"));
    column.shard_cells.push_back(add_cell("shard"));
    column.index_cells.push_back(add_cell(name + "_index"));
    if (!filed.empty()) column.index_cells.push_back(add_cell(filed + "_index"));
    return column;
  }

  void plan_columns() {
    const auto names_files = [&](const FieldSource& field, const std::string& name) {
      const auto& names = config_.text_files;
      return !is_inline(field.modality) ||
             (field.modality == "text" && std::ranges::find(names, name) != names.end());
    };
    for (const auto& field : fields_) {
      auto& sources = columns_.emplace_back();
      for (const auto& [label, names] : field.columns) {
        auto& source = sources.emplace_back();
        for (const auto& name : names) {
          source.push_back(
              plan_column(name, names_files(field, name), joins_columns(field.modality)));
          wanted_.insert(source.back().name);
        }
      }
    }
    for (const auto& name : config_.text_files) wanted_.insert(manifest_column(name));
    if (!config_.key.empty()) key_cell_ = add_cell(config_.key);
    for (const auto& name : {config_.key, split_column_}) {
      if (!name.empty()) wanted_.insert(manifest_column(name));
    }
  }

  void read_row(const Part& part, int64_t i) {
    const Row row = part.table().row(i);
    note_columns(row);
    add_split(part, i, row, read_key(part, i, row));
    for (const auto& sources : columns_) {
      for (const auto& source : sources) {
        for (const auto& column : source) check_cell(part, i, row, column);
      }
    }
    cells_.append(row);
  }

  // Which of the wanted columns were met, and which names there are to suggest instead.
  void note_columns(const Row& row) {
    std::erase_if(wanted_, [&](const std::string& name) { return find_cell(row, name); });
    if (size() < 100) {
      for (auto& name : cell_names(row)) known_.insert(std::move(name));
    }
  }

  static std::vector<std::string> texts(const Row& row, const std::string& column) {
    const Row* cell = find_cell(row, column);
    return cell ? cell_texts(*cell) : std::vector<std::string>{};
  }

  // The one text of a column that every row must have.
  std::string required(const Part& part, int64_t i, const Row& row, const std::string& column,
                       const char* setting) const {
    auto found = texts(row, manifest_column(column));
    if (found.size() == 1) return std::move(found.front());
    throw Error(ErrorCode::kInput, part.place_of(i) + ": column '" + manifest_column(column) +
                                       "' (" + setting + "): expected one value, got " +
                                       std::to_string(found.size()));
  }

  std::string read_key(const Part& part, int64_t i, const Row& row) {
    // Asked for only where it is needed: where() reads the file.
    if (config_.key.empty()) return config_.hash.empty() ? "" : part.where(i);
    auto key = required(part, i, row, config_.key, "data.key");
    key_check_.add(key);
    return key;
  }

  void check_keys() {
    if (config_.key.empty()) return;
    const auto found = key_check_.first_double([this](int64_t row) { return key(row); });
    if (!found) return;
    const auto [earlier, row] = *found;
    const size_t part = part_index(row);
    throw Error(ErrorCode::kInput, parts_[part]->place_of(row - first_rows_[part]) + ": key '" +
                                       key(row) + "' stands twice, first at " + where(earlier) +
                                       " (data.key must tell rows apart over all files)");
  }

  void add_split(const Part& part, int64_t i, const Row& row, const std::string& key) {
    std::string split = part.split();
    if (!split_column_.empty()) {
      split = required(part, i, row, split_column_, "data.split_column");
    } else if (!config_.hash.empty()) {
      split = hash_split(config_.hash, key);
    }
    auto at = std::find(split_names_.begin(), split_names_.end(), split);
    if (at == split_names_.end()) {
      if (split_names_.size() == 1000) {
        throw Error(ErrorCode::kInput,
                    part.place_of(i) + ": more than 1000 splits: is data.split_column right?");
      }
      at = split_names_.insert(at, split);
    }
    splits_.push_back(static_cast<uint16_t>(at - split_names_.begin()));
  }

  static void check_cell(const Part& part, int64_t i, const Row& row, const FieldColumn& column) {
    const Row* cell = find_cell(row, column.name);
    if (!cell || column.holds_json || is_plain_cell(*cell)) return;
    throw Error(ErrorCode::kInput, part.place_of(i) + ": column '" + column.name +
                                       "': expected text, a number or a list of them, got " +
                                       (cell->is_object() ? "an object" : "a nested list"));
  }

  void check_columns() const {
    if (wanted_.empty() || config_.may_lack_columns) return;
    const std::vector<std::string> known(known_.begin(), known_.end());
    const auto& name = *wanted_.begin();
    throw Error(ErrorCode::kConfig, "data: no row has a column '" + name + "'" +
                                        did_you_mean(name, known) +
                                        "; there are: " + join(known, ", "));
  }

  // The first text among some columns of a row, or "".
  std::string first_text(int64_t row, const std::vector<size_t>& cells) const {
    for (const size_t cell : cells) {
      auto found = cells_.texts(row, cell);
      if (!found.empty()) return std::move(found.front());
    }
    return "";
  }

  void locate(int64_t row, const FieldColumn& column, Value& value) const {
    if (is_array_name(value.text)) {
      const auto index = first_text(row, column.index_cells);
      if (!index.empty()) value.text += "#" + index;
    }
    try {
      part_of(row).locate(first_text(row, column.shard_cells), split(row), value);
    } catch (const Error& problem) {
      throw Error(problem.code(), where(row) + ": " + problem.what());
    }
  }

  DataConfig config_;
  std::vector<FieldSource> fields_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<int64_t> first_rows_;                             // of each part
  std::vector<std::vector<std::vector<FieldColumn>>> columns_;  // by field, source, column
  CellStore cells_;
  size_t key_cell_ = 0;
  KeyCheck key_check_;
  std::string split_column_;
  std::vector<std::string> split_names_;  // in the order met
  std::vector<uint16_t> splits_;
  std::set<std::string> wanted_;  // columns that no row has had yet
  std::set<std::string> known_;
};

}  // namespace

std::unique_ptr<Dataset> open_dataset(const DataConfig& config,
                                      const std::vector<FieldSource>& fields,
                                      const fs::path& base) {
  return std::make_unique<TableDataset>(config, fields, base);
}

}  // namespace braid
