// Keeps what rows name inside the folders they may name.
#pragma once

#include <filesystem>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace braid {

class PathGuard {
 public:
  // `root` is where relative paths start; `more` are further folders that may be named. Throws
  // Error(kNotFound) for a folder that does not exist.
  PathGuard(const std::filesystem::path& root, const std::vector<std::filesystem::path>& more);

  // The file that `text` names, with `..` and symbolic links resolved; it need not exist. Throws
  // Error(kInput) when it lies outside, or cannot be a path. Many threads.
  std::filesystem::path resolve(const std::string& text) const;

 private:
  bool inside(const std::string& canonical) const;
  std::filesystem::path canonical_folder(const std::filesystem::path& folder) const;
  [[noreturn]] void refuse(const std::string& text, const std::string& target) const;

  std::filesystem::path root_;
  std::vector<std::string> roots_;  // canonical, without a slash at the end
  mutable std::shared_mutex lock_;
  mutable std::unordered_map<std::string, std::filesystem::path> folders_;  // resolved before
};

}  // namespace braid
