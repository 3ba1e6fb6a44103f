#include "braid/data/list_folder.h"

#include <algorithm>

#include "braid/core/error.h"

namespace braid {

namespace fs = std::filesystem;

std::vector<fs::directory_entry> list_folder(const fs::path& folder) {
  std::vector<fs::directory_entry> entries;
  std::error_code problem;
  for (fs::directory_iterator at(folder, problem); !problem && at != fs::directory_iterator();
       at.increment(problem)) {
    entries.push_back(*at);
  }
  if (problem) {
    const bool absent =
        problem == std::errc::no_such_file_or_directory || problem == std::errc::not_a_directory;
    throw Error(absent ? ErrorCode::kNotFound : ErrorCode::kIo,
                folder.string() + ": cannot list: " + problem.message());
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.path() < b.path(); });
  return entries;
}

}  // namespace braid
