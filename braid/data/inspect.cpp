#include "braid/data/inspect.h"

#include <xxhash.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/data/column_audit.h"
#include "braid/core/reference.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kProbe = 50;  // rows that tell whether a column names files

// Text that nobody would repeat by chance: not a label, not a number.
bool is_free_text(const ColumnAudit& column) {
  return column.kind == "text" && column.longest >= 20 && column.distinct * 2 > column.values;
}

// What to look into: a field of the recipe, or a column that was guessed.
struct InspectTarget {
  std::string name;
  size_t field = 0;
  bool files = false;
  std::string check_as;
};

class Inspector {
 public:
  explicit Inspector(const InspectConfig& config) : config_(config) {}

  Audit run() {
    data_ = open_dataset(config_.data, config_.fields, config_.base);
    name_manifests();
    count_columns();
    if (!config_.target.empty()) audit_.target = audit_target(*data_, config_.target);
    if (config_.fields.empty()) guess_targets();
    if (!config_.fields.empty()) take_fields();
    seen_.resize(targets_.size());
    Meter meter(config_.progress, "inspect", "row", audit_.rows);
    for (int64_t row = 0; row < audit_.rows; ++row) {
      for (size_t target = 0; target < targets_.size(); ++target) look_at(row, target);
      meter.advance(1);
    }
    meter.finish();
    collect_duplicates();
    return std::move(audit_);
  }

 private:
  void name_manifests() {
    audit_.rows = data_->size();
    for (const auto& split : data_->splits()) {
      audit_.splits.emplace_back(split, static_cast<int64_t>(data_->rows(split).size()));
    }
    audit_.manifests = config_.data.manifest;
    for (const auto& [split, files] : config_.data.files)
      audit_.manifests.insert(audit_.manifests.end(), files.begin(), files.end());
    const auto streams = data_->streams();
    for (size_t i = 0; i < streams.size(); ++i) {
      const int64_t end = i + 1 < streams.size() ? streams[i + 1].first_row : audit_.rows;
      auto& layouts = audit_.layouts;
      if (layouts.empty() || layouts.back().layout != streams[i].layout)
        layouts.push_back({streams[i].layout, 0, 0});
      ++layouts.back().sources;
      layouts.back().rows += end - streams[i].first_row;
    }
  }

  void count_columns() {
    ColumnCounter counter;
    Meter meter(config_.progress, "columns", "row", audit_.rows);
    for (int64_t row = 0; row < audit_.rows; ++row) {
      counter.add(Row::parse(data_->row_json(row)));
      meter.advance(1);
    }
    meter.finish();
    audit_.columns = counter.finish();
  }

  void take_fields() {
    for (size_t field = 0; field < config_.fields.size(); ++field) {
      const auto& source = config_.fields[field];
      if (source.modality == "table") continue;  // rows of few cells are alike by chance
      add_target({source.field, field, source.modality != "text", source.field});
    }
  }

  void add_target(const InspectTarget& target) {
    if (target.files && !config_.read_files) return;
    if (target.files) audit_.checked.push_back(target.name);
    targets_.push_back(target);
  }

  // Columns whose texts look like file names, when at least one of the first is there; else they
  // tell where the data came from.
  void guess_targets() {
    std::vector<FieldSource> fields;
    std::vector<ColumnAudit*> columns;
    for (auto& column : audit_.columns) {
      if (!is_file_kind(column.kind) && !is_free_text(column)) continue;
      if (column.name == "shard" || column.name.ends_with("_shard")) column.kind = "text";
      fields.push_back(
          {column.name, is_file_kind(column.kind) ? "file" : "text", {{"", {column.name}}}});
      columns.push_back(&column);
    }
    data_ = open_dataset(config_.data, fields, config_.base);
    for (size_t field = 0; field < fields.size(); ++field) {
      const bool files = is_file_kind(columns[field]->kind);
      if (files && !any_there(field)) {
        columns[field]->kind = "text";
        continue;
      }
      if (files || is_free_text(*columns[field])) {
        add_target({fields[field].field, field, files, columns[field]->kind});
      }
    }
  }

  bool any_there(size_t field) const {
    for (int64_t row = 0, probed = 0; row < audit_.rows && probed < kProbe; ++row) {
      try {
        for (const auto& value : data_->values(row, field, 0)) {
          ++probed;
          fetch(value, config_.max_file_bytes);
          return true;
        }
      } catch (const Error& problem) {
        if (problem.code() == ErrorCode::kIo) throw;
        if (problem.code() == ErrorCode::kLimit) return true;  // there, if large
        ++probed;
      }
    }
    return false;
  }

  void look_at(int64_t row, size_t number) {
    const auto& target = targets_[number];
    const auto& sources = data_->fields()[target.field].columns;
    for (size_t source = 0; source < sources.size(); ++source) {
      try {
        for (const auto& value : data_->values(row, target.field, source)) {
          const uint64_t hash =
              target.files ? file_hash_of(row, target, value) : hash_of(value.text);
          if (hash && audit_.splits.size() > 1) seen_[number].push_back({hash, row});
        }
      } catch (const Error& problem) {
        add_unreadable(row, target, "", problem);
      }
    }
  }

  static uint64_t hash_of(std::string_view bytes) {
    return std::max<uint64_t>(1, XXH3_64bits(bytes.data(), bytes.size()));
  }

  // Of the content; 0 = unreadable. A file that rows share is read once.
  uint64_t file_hash_of(int64_t row, const InspectTarget& target, const Value& value) {
    const auto [known, fresh] =
        hash_of_file_.emplace(hash_of(value.file.string() + "#" + value.member), 0);
    if (!fresh) return known->second;
    ++audit_.files;
    try {
      const auto bytes = fetch(value, config_.max_file_bytes);
      audit_.file_bytes += static_cast<int64_t>(bytes.size());
      const auto fault = config_.check ? config_.check(target.check_as, bytes) : "";
      if (!fault.empty()) throw Error(ErrorCode::kInput, fault);
      known->second = hash_of(as_text(bytes));
    } catch (const Error& problem) {
      add_unreadable(row, target, value.text, problem);
    }
    return known->second;
  }

  void add_unreadable(int64_t row, const InspectTarget& target, const std::string& value,
                      const Error& problem) {
    if (problem.code() == ErrorCode::kIo) throw Error(problem);
    ++audit_.unreadable;
    if (audit_.unreadable_first.size() == Audit::kNamed) return;
    audit_.unreadable_first.push_back({data_->where(row), target.name, value, problem.what()});
  }

  // One value met, 16 bytes: a collection may have many.
  struct Seen {
    uint64_t hash;
    int64_t row;
  };
  struct Doubled {
    size_t target;
    uint64_t hash;
    std::vector<int64_t> rows;  // the first in each split; the last completes the find
  };

  void collect_duplicates() {
    std::vector<Doubled> found;
    for (size_t target = 0; target < targets_.size(); ++target) find_doubled(target, found);
    std::sort(found.begin(), found.end(), [](const Doubled& a, const Doubled& b) {
      return std::tie(a.rows[1], a.target) < std::tie(b.rows[1], b.target);
    });
    audit_.duplicates = static_cast<int64_t>(found.size());
    for (size_t i = 0; i < std::min(found.size(), Audit::kNamed); ++i) {
      auto& out = audit_.duplicates_first.emplace_back();
      out.column = targets_[found[i].target].name;
      out.value = text_of(found[i]);
      for (const int64_t row : found[i].rows) {
        out.splits.push_back(data_->split(row));
        out.where.push_back(data_->where(row));
      }
    }
  }

  void find_doubled(size_t target, std::vector<Doubled>& found) {
    auto& seen = seen_[target];
    std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
      return std::tie(a.hash, a.row) < std::tie(b.hash, b.row);
    });
    for (size_t begin = 0, end; begin < seen.size(); begin = end) {
      Doubled doubled{target, seen[begin].hash, {}};
      std::set<std::string> splits;
      for (end = begin; end < seen.size() && seen[end].hash == seen[begin].hash; ++end) {
        if (splits.insert(data_->split(seen[end].row)).second)
          doubled.rows.push_back(seen[end].row);
      }
      if (splits.size() > 1) found.push_back(std::move(doubled));
    }
  }

  // The value as the row that completed the find has it.
  std::string text_of(const Doubled& doubled) {
    const auto& target = targets_[doubled.target];
    for (size_t source = 0; source < data_->fields()[target.field].columns.size(); ++source) {
      for (const auto& value : data_->values(doubled.rows[1], target.field, source)) {
        const auto hash =
            target.files ? file_hash_of(doubled.rows[1], target, value) : hash_of(value.text);
        if (hash == doubled.hash) return value.text;
      }
    }
    return "";
  }

  const InspectConfig& config_;
  std::unique_ptr<Dataset> data_;
  Audit audit_;
  std::vector<InspectTarget> targets_;
  std::unordered_map<uint64_t, uint64_t> hash_of_file_;  // by a hash of its place
  std::vector<std::vector<Seen>> seen_;                  // by target
};

}  // namespace

bool is_file_kind(const std::string& kind) {
  return kind == "picture" || kind == "sound" || kind == "video" || kind == "file";
}

Audit inspect(const InspectConfig& config) { return Inspector(config).run(); }

InspectConfig inspect_config(const std::vector<fs::path>& manifests, const DataConfig& how) {
  InspectConfig config;
  config.data = how;
  std::set<std::string> stems;
  for (const auto& file : manifests) stems.insert(file.stem().string());
  const bool tars = std::all_of(manifests.begin(), manifests.end(),
                                [](const fs::path& file) { return is_tar_name(file.string()); });
  if (manifests.size() > 1 && stems.size() == manifests.size() && !tars) {
    for (const auto& file : manifests) config.data.files[file.stem().string()] = {file.string()};
    return config;
  }
  for (const auto& file : manifests) config.data.manifest.push_back(file.string());
  const auto data = open_dataset(config.data, {}, config.base);
  if (!data->splits().empty()) return config;  // the layout has its own
  bool every_row = data->size() > 0;
  for (int64_t row = 0; row < data->size() && every_row; ++row)
    every_row = data->column(row, "split").size() == 1;
  if (every_row) config.data.split_column = "split";
  return config;
}

}  // namespace braid
