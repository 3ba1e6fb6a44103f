#include "braid/data/part.h"

#include "braid/core/error.h"
#include "braid/core/reference.h"

namespace braid {
namespace {

std::filesystem::path folder_of(const std::filesystem::path& source) {
  std::error_code problem;
  if (std::filesystem::is_directory(source, problem)) return source;
  return source.has_parent_path() ? source.parent_path() : std::filesystem::path(".");
}

// Where file names start is one folder they may lead to; where the source lies another.
std::vector<std::filesystem::path> with_source(std::vector<std::filesystem::path> roots,
                                               const std::filesystem::path& source) {
  roots.push_back(folder_of(source));
  return roots;
}

}  // namespace

Part::Part(std::string split, Source source, const TableInput& input,
           const std::filesystem::path& root, const std::vector<std::filesystem::path>& more_roots)
    : split_(std::move(split)),
      source_(std::move(source)),
      table_(make_table(source_.layout, input)),
      guard_(root.empty() ? folder_of(source_.path) : root, with_source(more_roots, source_.path)) {
}

std::string Part::place_of(int64_t i) const { return source_.path.string() + table_->mark(i); }

void Part::find_tars(const std::vector<std::string>& splits) {
  if (table_->holds_files()) return;
  for (const auto& split : splits) {
    for (const auto& stem : {source_.path.stem().string(), split}) {
      const auto tar = folder_of(source_.path) / (stem + ".tar");
      std::error_code problem;
      if (stem.empty() || !std::filesystem::is_regular_file(tar, problem)) continue;
      tars_.emplace(split, guard_.resolve(std::filesystem::absolute(tar).string()));
      break;
    }
  }
}

void Part::locate(std::string_view shard, const std::string& split, Value& value) const {
  if (const auto reference = split_reference(value.text)) {
    value.member = reference->member;
    if (value.member.empty())
      throw Error(ErrorCode::kInput, "'" + value.text + "': no member after '#'");
    value.file = guard_.resolve(reference->file);
    return;
  }
  if (table_->holds_files()) {
    value.file = source_.path;
    value.member = value.text;
    return;
  }
  if (!shard.empty()) {
    value.file = guard_.resolve(std::string(shard));
    value.member = value.text;
    return;
  }
  value.file = guard_.resolve(value.text);
  const auto tar = tars_.find(split);
  std::error_code problem;
  if (tar == tars_.end() || std::filesystem::exists(value.file, problem)) return;
  value.file = tar->second;
  value.member = value.text;
}

}  // namespace braid
