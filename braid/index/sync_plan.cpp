#include "braid/index/sync_plan.h"

#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/index/item_file.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;

// What the index has written down of a file; nothing for an item that is not of a folder.
struct Recorded {
  int64_t size = 0;
  int64_t modified_ns = 0;
  std::string hash;
};

std::optional<Recorded> recorded_of(const std::string& metadata) {
  const auto row = OrderedJson::parse(metadata, nullptr, /*allow_exceptions=*/false);
  if (!row.is_object() || !row.contains("sync")) return std::nullopt;
  const auto& sync = row["sync"];
  if (!sync.is_object() || !sync.contains("hash") || !sync["hash"].is_string()) return std::nullopt;
  return Recorded{sync.value("size", int64_t{-1}), sync.value("modified_ns", int64_t{-1}),
                  sync["hash"].get<std::string>()};
}

enum class Verdict { kSame, kTouched, kChanged };

// Fills in the file's hash where it has to be read. A file that cannot be read now has changed:
// embedding it will say why.
Verdict compare_file(FolderFile& file, const Recorded& before, bool thorough) {
  if (file.size != before.size) return Verdict::kChanged;
  if (file.modified_ns == before.modified_ns && !thorough) return Verdict::kSame;
  try {
    file.hash = file_hash(file.path);
  } catch (const Error&) {
    return Verdict::kChanged;
  }
  if (file.hash != before.hash) return Verdict::kChanged;
  return file.modified_ns == before.modified_ns ? Verdict::kSame : Verdict::kTouched;
}

class Planner {
 public:
  Planner(const fs::path& index, const FolderScan& scan, bool thorough)
      : index_(index), thorough_(thorough) {
    for (const auto& file : scan.files) unseen_[file.key] = file;
  }

  void look_at(const IndexEntry& entry) {
    const auto recorded = recorded_of(entry.metadata);
    const auto found = unseen_.find(entry.key);
    if (!recorded) {
      if (found != unseen_.end()) fail_foreign(entry.key);
      return;
    }
    ++plan_.known;
    if (found == unseen_.end()) {
      plan_.removed.push_back(entry.key);
      return;
    }
    place(found->second, entry, *recorded);
    unseen_.erase(found);
  }

  SyncPlan finish() {
    for (auto& [key, file] : unseen_) plan_.added.push_back(std::move(file));
    return std::move(plan_);
  }

 private:
  void place(FolderFile& file, const IndexEntry& entry, const Recorded& recorded) {
    auto verdict = compare_file(file, recorded, thorough_);
    if (verdict == Verdict::kChanged) {
      plan_.changed.push_back(file);
      return;
    }
    if (file.hash.empty()) file.hash = recorded.hash;
    auto item = synced_item(file, entry.field, index_);
    if (verdict == Verdict::kSame && item.file == entry.file) {
      ++plan_.unchanged;
      return;
    }
    item.vector.assign(entry.vector.begin(), entry.vector.end());
    plan_.touched.push_back(std::move(item));
  }

  [[noreturn]] void fail_foreign(const std::string& key) const {
    throw Error(ErrorCode::kState, index_.string() + ": has an item '" + key +
                                       "' that is from no folder; sync into an index of its own");
  }

  fs::path index_;
  bool thorough_;
  std::map<std::string, FolderFile> unseen_;  // files that no item was found for so far
  SyncPlan plan_;
};

}  // namespace

SyncPlan plan_sync(const Index& index, const fs::path& path, const FolderScan& scan,
                   bool thorough) {
  Planner planner(path, scan, thorough);
  index.visit([&](const IndexEntry& entry) { planner.look_at(entry); });
  return planner.finish();
}

IndexItem synced_item(const FolderFile& file, const std::string& field, const fs::path& index) {
  const size_t slash = file.key.rfind('/');
  const OrderedJson metadata = {
      {"path", file.key},
      {"folder", slash == std::string::npos ? "" : file.key.substr(0, slash)},
      {"sync", {{"size", file.size}, {"modified_ns", file.modified_ns}, {"hash", file.hash}}}};
  return {file.key, field, metadata.dump(), stored_file({file.path, ""}, index), {}};
}

}  // namespace braid
