#include "braid/data/pack.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "braid/core/error.h"
#include "braid/data/file_columns.h"
#include "braid/data/layout/sample_group.h"
#include "braid/core/reference.h"
#include "braid/data/tar_writer.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyDigits = 6;

struct PackedFile {
  std::string name;
  Bytes content;
};

struct PackedSample {
  std::vector<PackedFile> files;
  std::string json;

  uint64_t bytes() const {
    uint64_t total = tar_member_bytes(json.size());
    for (const auto& file : files) total += tar_member_bytes(file.content.size());
    return total;
  }
};

// The extension that a member gets: the file's own, or what a row of an array turned out to be.
std::string packed_extension(const Value& value, const Bytes& content) {
  if (is_array_name(value.file.string()) && !value.member.empty()) {
    const auto head = as_text(content).substr(0, 4);
    return head == "\x89PNG" ? "png" : head == "\x93NUM" ? "npy" : "number";
  }
  const auto name = value.member.empty() ? value.file.string() : value.member;
  std::string extension = fs::path(name).extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (extension.size() > 1 && !is_inline_column(extension.substr(1))) return extension.substr(1);
  return "bin";
}

std::string column_tag(std::string column) {
  for (char& c : column) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-') c = '_';
  }
  return column;
}

class Packer {
 public:
  Packer(const PackConfig& config, const Dataset& data) : config_(config), data_(data) {}

  PackedSample sample(int64_t row, int64_t number) const {
    auto key = std::to_string(number);
    key.insert(0, kKeyDigits - std::min(kKeyDigits, key.size()), '0');
    auto cells = Row::parse(data_.row_json(row));
    cells.erase("__key__");  // the sample has a new one
    PackedSample sample;
    std::map<std::string, std::string> named;  // where the bytes lay -> member, of this sample
    std::set<std::string> taken;
    for (size_t field = 0; field < data_.fields().size(); ++field) {
      Row names = Row::array();
      for (const auto& value : data_.values(row, field, 0)) {
        auto& name = named[value.file.string() + "#" + value.member];
        if (name.empty()) name = add_file(row, field, value, key, taken, sample);
        names.push_back(name);
      }
      put(cells, field, names);
    }
    sample.json = cells.dump();
    sample.files.push_back({key + ".json", {}});
    const auto bytes = as_bytes(sample.json);
    sample.files.back().content.assign(bytes.begin(), bytes.end());
    return sample;
  }

 private:
  // Its name in the tar, or, of a single number, its text.
  std::string add_file(int64_t row, size_t field, const Value& value, const std::string& key,
                       std::set<std::string>& taken, PackedSample& sample) const {
    try {
      auto content = fetch(value, config_.max_file_bytes);
      const auto extension = packed_extension(value, content);
      if (extension == "number") return std::string(as_text(content));
      std::string name = key + "." + extension;
      const auto tagged = key + "." + column_tag(data_.fields()[field].field);
      for (int again = 0; !taken.insert(name).second; ++again)
        name = tagged + (again ? "." + std::to_string(again) : "") + "." + extension;
      sample.files.push_back({name, std::move(content)});
      return name;
    } catch (const Error& problem) {
      throw Error(problem.code(), data_.where(row) + ": " + problem.what());
    }
  }

  void put(Row& cells, size_t field, const Row& names) const {
    if (names.empty()) return;
    const auto& column = data_.fields()[field].field;
    auto* cell = const_cast<Row*>(find_cell(cells, column));  // of our own copy
    *cell = cell->is_array() ? names : names[0];
  }

  const PackConfig& config_;
  const Dataset& data_;
};

// The shards: a new one where the sample would make the last too large.
class ShardSeries {
 public:
  ShardSeries(const PackConfig& config, PackSummary& summary)
      : config_(config), summary_(summary), single_(config.output.find('%') == std::string::npos) {}

  void add(const PackedSample& sample) {
    const bool full =
        (config_.max_count > 0 && count_ == config_.max_count) ||
        (config_.max_bytes > 0 && tar_ && tar_->bytes() + sample.bytes() > config_.max_bytes);
    if (tar_ && full && !single_) close();
    if (!tar_) open();
    for (const auto& file : sample.files) tar_->add(file.name, file.content);
    ++count_;
    ++summary_.samples;
  }

  void close() {
    if (!tar_) return;
    tar_->commit();
    tar_.reset();
    count_ = 0;
  }

 private:
  void open() {
    auto name = shard_name(config_.output, static_cast<int64_t>(summary_.shards.size()));
    const bool zst = config_.zst || name.ends_with(".zst");
    if (zst && !name.ends_with(".zst")) name += ".zst";
    const fs::path path(name);
    if (fs::exists(path)) {
      throw Error(ErrorCode::kState,
                  name + ": is there already; remove the old shards or choose another name");
    }
    if (path.has_parent_path()) make_folder(path.parent_path());
    tar_.emplace(path, zst);
    summary_.shards.push_back(name);
  }

  const PackConfig& config_;
  PackSummary& summary_;
  const bool single_;
  std::optional<TarWriter> tar_;
  int64_t count_ = 0;
};

}  // namespace

std::string shard_name(const std::string& pattern, int64_t number) {
  const auto refuse = [&](const char* why) {
    throw Error(ErrorCode::kUsage,
                "'" + pattern + "': " + why + "; expected a name such as shards/train-%06d.tar");
  };
  if (!pattern.ends_with(".tar") && !pattern.ends_with(".tar.zst"))
    refuse("does not end in .tar or .tar.zst");
  const size_t at = pattern.find('%');
  if (at == pattern.npos) return pattern;
  if (pattern.find('%', at + 1) != pattern.npos) refuse("more than one '%'");
  size_t end = at + 1;
  while (end < pattern.size() && std::isdigit(static_cast<unsigned char>(pattern[end]))) ++end;
  if (end == pattern.size() || pattern[end] != 'd' || end - at > 3) refuse("a '%' that is no %06d");
  const auto width = end == at + 1 ? 0u : static_cast<size_t>(std::stoi(pattern.substr(at + 1)));
  auto digits = std::to_string(number);
  digits.insert(0, width > digits.size() ? width - digits.size() : 0, '0');
  return pattern.substr(0, at) + digits + pattern.substr(end + 1);
}

PackSummary pack(const PackConfig& config, const ProgressSink& progress, const StopFlag* stop) {
  shard_name(config.output, 0);  // before the long part
  const auto files = file_fields(config.data, config.base, config.files, progress);
  const auto data = open_dataset(config.data, files, config.base);
  const auto rows = data->rows(config.split);
  if (rows.empty())
    throw Error(ErrorCode::kUsage, "the data has no rows in split '" + config.split + "'");
  PackSummary summary;
  for (const auto& field : data->fields()) summary.files.push_back(field.field);
  const Packer packer(config, *data);
  ShardSeries shards(config, summary);
  Meter meter(progress, "pack", "sample", static_cast<int64_t>(rows.size()));
  for (const int64_t row : rows) {
    if (stop && stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped; the shards that are whole stay");
    shards.add(packer.sample(row, summary.samples));
    meter.advance(1);
  }
  shards.close();
  meter.finish();
  return summary;
}

}  // namespace braid
