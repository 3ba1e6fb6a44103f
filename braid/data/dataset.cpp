#include "braid/data/dataset.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/data/column_store.h"
#include "braid/data/part.h"
#include "braid/data/split.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

// One column that a field reads, with the columns that may name its tar.
struct FieldColumn {
  std::string name;        // in the manifest
  std::string shard_name;  // `<our name>_shard` in the manifest
  bool names_files = false;
  ColumnStore cells;
  ColumnStore own_shard;
};

// Short names for messages and keys: the file name, or what the recipe says where two share one.
std::vector<std::string> short_names(const std::vector<std::string>& files) {
  std::map<std::string, int> uses;
  for (const auto& file : files) ++uses[fs::path(file).filename().string()];
  std::vector<std::string> names;
  for (const auto& file : files) {
    const auto name = fs::path(file).filename().string();
    names.push_back(uses[name] > 1 ? file : name);
  }
  return names;
}

class ManifestDataset final : public Dataset {
 public:
  ManifestDataset(const DataConfig& config, const std::vector<FieldSource>& fields,
                  const fs::path& base)
      : config_(config), fields_(fields) {
    check_data_config(config);
    open_parts(base);
    plan_columns();
    for (const auto& part : parts_) {
      first_rows_.push_back(size());
      for (int64_t i = 0; i < part->manifest().size(); ++i) read_row(*part, i);
    }
    check_columns();
    for (auto& part : parts_) part->find_tars(split_names_);
  }

  int64_t size() const override { return static_cast<int64_t>(keys_.size()); }
  const std::string& key(int64_t row) const override { return keys_.at(row); }
  const std::string& split(int64_t row) const override { return split_names_[splits_.at(row)]; }

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
    std::vector<Value> values;
    for (const auto& column : columns_.at(field).at(source)) {
      for (size_t i = 0; i < column.cells.count(row); ++i) {
        Value value{std::string(column.cells.value(row, i)), {}, {}};
        if (column.names_files) locate(row, column, value);
        values.push_back(std::move(value));
      }
    }
    return values;
  }

  std::vector<std::string> column(int64_t row, const std::string& name) const override {
    const Row cells = parse(row);
    const Row* cell = find_cell(cells, manifest_column(name));
    return cell ? cell_texts(*cell) : std::vector<std::string>{};
  }

  std::string row_json(int64_t row) const override { return parse(row).dump(); }

  std::string where(int64_t row) const override {
    const size_t part = part_index(row);
    return parts_[part]->manifest().where(row - first_rows_[part]);
  }

  const std::vector<FieldSource>& fields() const override { return fields_; }

  std::string fingerprint() const override {
    std::string all;
    for (const auto& part : parts_) all += part->manifest().content_hash() + "\n";
    for (const auto& name : split_names_) all += std::to_string(name.size()) + ":" + name + "\n";
    for (const uint32_t split : splits_) all += std::to_string(split) + ",";
    return content_hash(std::string_view(all));
  }

 private:
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
    return parts_[part]->manifest().row(row - first_rows_[part]);
  }

  void open_parts(const fs::path& base) {
    std::vector<std::string> splits, files;
    for (const auto& file : config_.manifest) splits.emplace_back(), files.push_back(file);
    for (const auto& [split, file] : config_.files) splits.push_back(split), files.push_back(file);
    std::vector<fs::path> roots;
    for (const auto& root : config_.allow_roots) roots.push_back(base / expand_environment(root));
    const auto names = short_names(files);
    for (size_t i = 0; i < files.size(); ++i) {
      const fs::path path = base / expand_environment(files[i]);
      parts_.push_back(std::make_unique<Part>(
          splits[i], Manifest(path, names[i], config_.max_row_bytes), roots));
    }
  }

  void plan_columns() {
    for (const auto& field : fields_) {
      auto& sources = columns_.emplace_back();
      for (const auto& [label, names] : field.columns) {
        auto& source = sources.emplace_back();
        for (const auto& name : names) {
          source.push_back({manifest_column(name),
                            manifest_column(name + "_shard"),
                            field.modality != "text",
                            {},
                            {}});
          wanted_.insert(source.back().name);
        }
      }
    }
    if (!config_.key.empty()) wanted_.insert(manifest_column(config_.key));
    if (!config_.split_column.empty()) wanted_.insert(manifest_column(config_.split_column));
  }

  void read_row(const Part& part, int64_t i) {
    const Row row = part.manifest().row(i);
    note_columns(row);
    const std::string& key = add_key(part, i, row);
    add_split(part, i, row, key);
    for (auto& sources : columns_) {
      for (auto& source : sources) {
        for (auto& column : source) add_cells(part, i, row, column);
      }
    }
    shard_.append(texts(row, manifest_column("shard")));
  }

  // Which of the wanted columns were met, and which names there are to suggest instead.
  void note_columns(const Row& row) {
    for (const auto& name : wanted_) {
      if (!met_.contains(name) && find_cell(row, name)) met_.insert(name);
    }
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

  const std::string& add_key(const Part& part, int64_t i, const Row& row) {
    if (config_.key.empty()) return keys_.emplace_back(part.manifest().where(i));
    auto key = required(part, i, row, config_.key, "data.key");
    const auto [at, fresh] = row_of_key_.emplace(key, size());
    if (!fresh) {
      throw Error(ErrorCode::kInput, part.place_of(i) + ": key '" + key +
                                         "' stands twice, first at " + where(at->second) +
                                         " (data.key must tell rows apart over all files)");
    }
    return keys_.emplace_back(std::move(key));
  }

  void add_split(const Part& part, int64_t i, const Row& row, const std::string& key) {
    std::string split = part.split();
    if (!config_.split_column.empty()) {
      split = required(part, i, row, config_.split_column, "data.split_column");
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
    splits_.push_back(static_cast<uint32_t>(at - split_names_.begin()));
  }

  void add_cells(const Part& part, int64_t i, const Row& row, FieldColumn& column) {
    const Row* cell = find_cell(row, column.name);
    if (cell && !is_plain_cell(*cell)) {
      throw Error(ErrorCode::kInput, part.place_of(i) + ": column '" + column.name +
                                         "': expected text, a number or a list of them, got " +
                                         (cell->is_object() ? "an object" : "a nested list"));
    }
    column.cells.append(cell ? cell_texts(*cell) : std::vector<std::string>{});
    if (column.names_files) column.own_shard.append(texts(row, column.shard_name));
  }

  void check_columns() const {
    const std::vector<std::string> known(known_.begin(), known_.end());
    for (const auto& name : wanted_) {
      if (met_.contains(name)) continue;
      throw Error(ErrorCode::kConfig, "data: no row has a column '" + name + "'" +
                                          did_you_mean(name, known) +
                                          "; there are: " + join(known, ", "));
    }
  }

  void locate(int64_t row, const FieldColumn& column, Value& value) const {
    std::string_view shard;
    for (const auto* shards : {&shard_, &column.own_shard}) {
      if (shards->count(row)) shard = shards->value(row, 0);
    }
    try {
      part_of(row).locate(shard, split(row), value);
    } catch (const Error& problem) {
      throw Error(problem.code(), where(row) + ": " + problem.what());
    }
  }

  DataConfig config_;
  std::vector<FieldSource> fields_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<int64_t> first_rows_;                             // of each part
  std::vector<std::vector<std::vector<FieldColumn>>> columns_;  // by field, source, column
  ColumnStore shard_;
  std::vector<std::string> keys_;
  std::unordered_map<std::string, int64_t> row_of_key_;
  std::vector<std::string> split_names_;  // in the order met
  std::vector<uint32_t> splits_;
  std::set<std::string> wanted_, met_, known_;
};

}  // namespace

std::unique_ptr<Dataset> open_dataset(const DataConfig& config,
                                      const std::vector<FieldSource>& fields,
                                      const fs::path& base) {
  return std::make_unique<ManifestDataset>(config, fields, base);
}

}  // namespace braid
