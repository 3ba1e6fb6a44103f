#include <sys/stat.h>

#include <algorithm>
#include <cctype>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/index/sync_plan.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

class FolderScanner {
 public:
  FolderScanner(const fs::path& folder, const std::vector<std::string>& extensions)
      : folder_(folder), extensions_(extensions) {}

  FolderScan scan() {
    std::error_code problem;
    fs::recursive_directory_iterator entry(folder_, problem), end;
    for (; !problem && entry != end; entry.increment(problem)) {
      if (entry->path().filename().string().starts_with('.')) {
        entry.disable_recursion_pending();
      } else {
        look_at(entry->path());
      }
    }
    if (problem) {
      throw Error(ErrorCode::kIo, folder_.string() + ": cannot list all of it: " +
                                      problem.message() + "; the index is as it was");
    }
    std::sort(scan_.files.begin(), scan_.files.end(),
              [](const FolderFile& a, const FolderFile& b) { return a.key < b.key; });
    return std::move(scan_);
  }

 private:
  // One call of the system gives kind, size and time at one moment.
  void look_at(const fs::path& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return;
    const bool wanted = extensions_.empty() ||
                        std::find(extensions_.begin(), extensions_.end(), lower_extension(path)) !=
                            extensions_.end();
    std::string key = path.lexically_relative(folder_).generic_string();
    if (!wanted) {
      ++scan_.ignored;
    } else if (!valid_utf8(key)) {
      scan_.unnamed.push_back(path.string());
    } else {
      constexpr int64_t kNsPerSecond = 1'000'000'000;
      scan_.files.push_back({std::move(key), path, about.st_size,
                             about.st_mtim.tv_sec * kNsPerSecond + about.st_mtim.tv_nsec, ""});
    }
  }

  fs::path folder_;
  const std::vector<std::string>& extensions_;
  FolderScan scan_;
};

}  // namespace

void require_folder(const fs::path& folder) {
  std::error_code problem;
  const auto status = fs::status(folder, problem);
  if (!fs::exists(status)) {
    throw Error(
        ErrorCode::kNotFound,
        folder.string() + ": no such folder (is its disk mounted?); the index is as it was");
  }
  if (!fs::is_directory(status)) throw Error(ErrorCode::kInput, folder.string() + ": not a folder");
}

FolderScan scan_folder(const fs::path& folder, const std::vector<std::string>& extensions) {
  require_folder(folder);
  return FolderScanner(folder, extensions).scan();
}

}  // namespace braid
