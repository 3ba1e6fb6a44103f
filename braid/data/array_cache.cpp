#include "braid/data/array_cache.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr auto kAbandoned = std::chrono::hours(24);  // age of a temporary file that nobody writes
constexpr int64_t kHeaderBytes = 4096;               // of a file, about

int64_t bytes_of(const TensorFile& arrays) {
  int64_t bytes = kHeaderBytes;
  for (const auto& [name, array] : arrays.tensors) bytes += static_cast<int64_t>(array.byte_size());
  for (const auto& [name, text] : arrays.metadata)
    bytes += static_cast<int64_t>(name.size() + text.size());
  return bytes;
}

struct CachedFile {
  fs::path path;
  int64_t bytes;
  fs::file_time_type used;
};

// Other processes come and go: a file that is gone by now is not there.
std::vector<CachedFile> files_in(const fs::path& folder) {
  std::vector<CachedFile> files;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder, gone)) {
    const auto used = entry.last_write_time(gone);
    const auto bytes = gone ? 0 : entry.file_size(gone);
    if (!gone) files.push_back({entry.path(), static_cast<int64_t>(bytes), used});
  }
  return files;
}

bool is_temporary(const fs::path& path) {
  return path.filename().string().find(".tmp.") != std::string::npos;
}

std::string megabytes(int64_t bytes) { return std::to_string((bytes >> 20) + 1) + " MB"; }

}  // namespace

ArrayCache::ArrayCache(fs::path folder, int64_t max_bytes)
    : folder_(std::move(folder)), max_bytes_(max_bytes) {}

fs::path ArrayCache::path_of(const std::string& key) const {
  return folder_ / (key + ".safetensors");
}

void ArrayCache::hold(const fs::path& path) {
  if (!held_.insert(path).second) return;
  std::error_code gone;
  const auto bytes = fs::file_size(path, gone);
  if (!gone) held_bytes_ += static_cast<int64_t>(bytes);
}

std::optional<TensorFile> ArrayCache::find(const std::string& key) {
  const auto path = path_of(key);
  try {
    auto arrays = read_safetensors(path);
    std::error_code ignored;  // of a folder that is only read, too
    fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
    hold(path);
    return arrays;
  } catch (const Error& problem) {
    if (problem.code() == ErrorCode::kNotFound) return std::nullopt;
    throw Error(problem.code(), std::string(problem.what()) +
                                    "; it is a cache: remove the file, and it is made again");
  }
}

void ArrayCache::store(const std::string& key, const TensorFile& arrays) {
  const auto bytes = bytes_of(arrays);
  expect_room(bytes);
  make_folder(folder_);
  make_room(bytes);
  const auto path = path_of(key);
  try {
    write_safetensors(path, arrays);
  } catch (const Error& problem) {
    if (problem.code() != ErrorCode::kIo) throw;
    throw Error(ErrorCode::kIo, std::string(problem.what()) +
                                    "; what is cached already stays; BRAID_CACHE may name another "
                                    "folder");
  }
  hold(path);
}

void ArrayCache::expect_room(int64_t bytes) const {
  if (held_bytes_ + bytes <= max_bytes_) return;
  throw Error(ErrorCode::kLimit, folder_.string() + ": expected at most " + megabytes(max_bytes_) +
                                     " (train.disk_cache_mb), " + megabytes(held_bytes_ + bytes) +
                                     " are needed");
}

// What other processes store meanwhile may carry the folder over its bound, by a file each.
void ArrayCache::make_room(int64_t bytes) const {
  auto files = files_in(folder_);
  std::sort(files.begin(), files.end(),
            [](const CachedFile& a, const CachedFile& b) { return a.used < b.used; });
  int64_t total = bytes;
  for (const auto& file : files) total += file.bytes;
  const auto abandoned = fs::file_time_type::clock::now() - kAbandoned;
  for (const auto& file : files) {
    const bool stale = is_temporary(file.path) && file.used < abandoned;
    const bool over = total > max_bytes_ && !is_temporary(file.path) && !held_.contains(file.path);
    std::error_code gone;
    if ((stale || over) && fs::remove(file.path, gone)) total -= file.bytes;
  }
}

}  // namespace braid
