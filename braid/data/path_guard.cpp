#include "braid/data/path_guard.h"

#include <algorithm>
#include <mutex>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFolders = 1 << 16;

fs::path canonical_or_throw(const fs::path& path) {
  std::error_code problem;
  auto canonical = fs::weakly_canonical(path, problem);
  if (problem) throw Error(ErrorCode::kInput, path.string() + ": " + problem.message());
  return canonical;
}

std::string canonical_root(const fs::path& folder) {
  std::error_code problem;
  const auto canonical = fs::canonical(folder, problem);
  if (problem || !fs::is_directory(canonical, problem)) {
    throw Error(ErrorCode::kNotFound, folder.string() + ": no such folder");
  }
  return canonical == "/" ? "" : canonical.string();
}

}  // namespace

PathGuard::PathGuard(const fs::path& root, const std::vector<fs::path>& more) {
  roots_.push_back(canonical_root(root));
  root_ = roots_.front().empty() ? fs::path("/") : fs::path(roots_.front());
  for (const auto& folder : more) roots_.push_back(canonical_root(folder));
}

bool PathGuard::inside(const std::string& canonical) const {
  return std::any_of(roots_.begin(), roots_.end(), [&](const std::string& root) {
    return canonical.starts_with(root) &&
           (canonical.size() == root.size() || canonical[root.size()] == '/');
  });
}

void PathGuard::refuse(const std::string& text, const std::string& target) const {
  throw Error(ErrorCode::kInput, "'" + text + "' leads to " + target + ", outside " +
                                     join(roots_, ", ") + " (data.allow_roots lets more in)");
}

fs::path PathGuard::canonical_folder(const fs::path& folder) const {
  const std::string key = folder.string();
  {
    const std::shared_lock held(lock_);
    const auto known = folders_.find(key);
    if (known != folders_.end()) return known->second;
  }
  auto canonical = canonical_or_throw(folder);
  const std::unique_lock held(lock_);
  if (folders_.size() < kMaxFolders) folders_.emplace(key, canonical);
  return canonical;
}

fs::path PathGuard::resolve(const std::string& text) const {
  if (text.empty() || text.find('\0') != text.npos) {
    throw Error(ErrorCode::kInput, "expected a file name, got one that is empty or has a NUL byte");
  }
  const fs::path asked = root_ / text;  // an absolute text stays as it is
  const auto leaf = asked.filename();
  const bool plain = !leaf.empty() && leaf != "." && leaf != "..";
  fs::path found = plain ? canonical_folder(asked.parent_path()) / leaf : canonical_or_throw(asked);
  std::error_code problem;
  const auto type = fs::symlink_status(found, problem).type();
  if (type == fs::file_type::symlink) found = canonical_or_throw(found);
  if (!inside(found.string())) refuse(text, found.string());
  if (type == fs::file_type::none)
    throw Error(ErrorCode::kInput, "'" + text + "': " + problem.message());
  return found;
}

}  // namespace braid
