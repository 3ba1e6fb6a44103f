#include "braid/data/part.h"

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr std::string_view kTarMember = ".tar#";

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

Part::Part(std::string split, Manifest manifest,
           const std::vector<std::filesystem::path>& more_roots)
    : split_(std::move(split)),
      manifest_(std::move(manifest)),
      guard_(folder_of(manifest_.path()), more_roots) {}

std::string Part::place_of(int64_t i) const {
  return manifest_.path().string() + manifest_.where(i).substr(manifest_.name().size());
}

void Part::find_tars(const std::vector<std::string>& splits) {
  for (const auto& split : splits) {
    for (const auto& stem : {manifest_.path().stem().string(), split}) {
      const auto tar = folder_of(manifest_.path()) / (stem + ".tar");
      std::error_code problem;
      if (stem.empty() || !std::filesystem::is_regular_file(tar, problem)) continue;
      tars_.emplace(split, guard_.resolve(stem + ".tar"));
      break;
    }
  }
}

void Part::locate(std::string_view shard, const std::string& split, Value& value) const {
  const size_t at = value.text.find(kTarMember);
  if (at != value.text.npos) {
    const size_t hash = at + kTarMember.size() - 1;
    value.member = value.text.substr(hash + 1);
    if (value.member.empty())
      throw Error(ErrorCode::kInput, "'" + value.text + "': no member after '#'");
    value.file = guard_.resolve(value.text.substr(0, hash));
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
