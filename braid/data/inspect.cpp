#include "braid/data/inspect.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/data/column_audit.h"
#include "braid/data/reference.h"

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
    if (config_.fields.empty()) guess_targets();
    if (!config_.fields.empty()) take_fields();
    Meter meter(config_.progress, "inspect", "row", audit_.rows);
    for (int64_t row = 0; row < audit_.rows; ++row) {
      for (const auto& target : targets_) look_at(row, target);
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
    for (const auto& [split, file] : config_.data.files) audit_.manifests.push_back(file);
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

  void look_at(int64_t row, const InspectTarget& target) {
    const auto& sources = data_->fields()[target.field].columns;
    for (size_t source = 0; source < sources.size(); ++source) {
      try {
        for (const auto& value : data_->values(row, target.field, source)) {
          if (target.files) {
            read_file_value(row, target, value);
          } else {
            note(row, target.name, value.text, content_hash(std::string_view(value.text)));
          }
        }
      } catch (const Error& problem) {
        add_unreadable(row, target, "", problem);
      }
    }
  }

  void read_file_value(int64_t row, const InspectTarget& target, const Value& value) {
    const std::string place = value.file.string() + "#" + value.member;
    const auto [known, fresh] = hash_of_file_.emplace(place, "");
    if (fresh) {
      ++audit_.files;
      try {
        const auto bytes = fetch(value, config_.max_file_bytes);
        audit_.file_bytes += static_cast<int64_t>(bytes.size());
        const auto fault = config_.check ? config_.check(target.check_as, bytes) : "";
        if (!fault.empty()) throw Error(ErrorCode::kInput, fault);
        known->second = content_hash(bytes);
      } catch (const Error& problem) {
        add_unreadable(row, target, value.text, problem);
      }
    }
    if (!known->second.empty()) note(row, target.name, value.text, known->second);
  }

  void add_unreadable(int64_t row, const InspectTarget& target, const std::string& value,
                      const Error& problem) {
    if (problem.code() == ErrorCode::kIo) throw Error(problem);
    ++audit_.unreadable;
    if (audit_.unreadable_first.size() == Audit::kNamed) return;
    audit_.unreadable_first.push_back({data_->where(row), target.name, value, problem.what()});
  }

  void note(int64_t row, const std::string& column, const std::string& value,
            const std::string& hash) {
    if (audit_.splits.size() < 2) return;
    const auto& split = data_->split(row);
    auto& splits = seen_[column + "\n" + hash];
    for (const auto& [first_row, known] : splits) {
      if (known == split) return;
    }
    splits.emplace_back(row, split);
    if (splits.size() == 2) doubled_.push_back({column, value, &splits});
  }

  void collect_duplicates() {
    audit_.duplicates = static_cast<int64_t>(doubled_.size());
    for (const auto& found : doubled_) {
      if (audit_.duplicates_first.size() == Audit::kNamed) return;
      auto& out = audit_.duplicates_first.emplace_back();
      out.column = found.column;
      out.value = found.value;
      for (const auto& [row, split] : *found.places) {
        out.splits.push_back(split);
        out.where.push_back(data_->where(row));
      }
    }
  }

  using Places = std::vector<std::pair<int64_t, std::string>>;  // first row in each split
  struct Doubled {
    std::string column, value;
    const Places* places;
  };

  const InspectConfig& config_;
  std::unique_ptr<Dataset> data_;
  Audit audit_;
  std::vector<InspectTarget> targets_;
  std::unordered_map<std::string, std::string> hash_of_file_;  // "" = unreadable
  std::unordered_map<std::string, Places> seen_;
  std::vector<Doubled> doubled_;
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
    for (const auto& file : manifests) config.data.files[file.stem().string()] = file.string();
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
