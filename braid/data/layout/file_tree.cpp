#include "braid/data/layout/file_tree.h"

#include <algorithm>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/data/list_folder.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFiles = 100'000'000;

void list_files(const fs::path& folder, const std::string& prefix,
                std::vector<std::string>& found) {
  for (const auto& entry : list_folder(folder)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with('.')) continue;
    if (!valid_utf8(name))
      throw Error(ErrorCode::kInput, folder.string() + ": a file name that is not UTF-8");
    std::error_code unreadable;
    if (!entry.is_directory(unreadable)) {
      found.push_back(prefix + name);
    } else if (entry.is_symlink(unreadable)) {
      throw Error(ErrorCode::kInput, entry.path().string() +
                                         ": a folder that is a link is not followed; name the "
                                         "folder that it leads to in data.manifest");
    } else {
      list_files(entry.path(), prefix + name + "/", found);
    }
    if (found.size() > kMaxFiles)
      throw Error(ErrorCode::kLimit, folder.string() + ": more than 100 million files");
  }
}

}  // namespace

FileTree::FileTree(const fs::path& folder) {
  std::vector<std::string> names;
  list_files(folder, "", names);
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    pool_ += name;
    ends_.push_back(pool_.size());
  }
}

std::string_view FileTree::name(size_t i) const {
  const uint64_t begin = i == 0 ? 0 : ends_.at(i - 1);
  return std::string_view(pool_).substr(begin, ends_.at(i) - begin);
}

std::string_view stem_of(std::string_view name) {
  const size_t dot = name.rfind('.'), slash = name.rfind('/');
  const bool has_extension = dot != name.npos && (slash == name.npos || dot > slash);
  return has_extension ? name.substr(0, dot) : name;
}

}  // namespace braid
