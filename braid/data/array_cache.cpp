#include "braid/data/array_cache.h"

#include <system_error>
#include <utility>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kHeaderBytes = 4096;               // of a file, about

int64_t bytes_of(const TensorFile& arrays) {
  int64_t bytes = kHeaderBytes;
  for (const auto& [name, array] : arrays.tensors) bytes += static_cast<int64_t>(array.byte_size());
  for (const auto& [name, text] : arrays.metadata)
    bytes += static_cast<int64_t>(name.size() + text.size());
  return bytes;
}

std::vector<fs::path> with(const fs::path& folder, std::vector<fs::path> beside) {
  beside.insert(beside.begin(), folder);
  return beside;
}

std::string megabytes(int64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MB"; }

}  // namespace

ArrayCache::ArrayCache(fs::path folder, int64_t max_bytes, std::vector<fs::path> beside)
    : folder_(std::move(folder)), room_(with(folder_, std::move(beside)), max_bytes) {}

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
  // What other processes store meanwhile may carry the folder over its bound, by a file each.
  room_.make(bytes, [this](const fs::path& file) { return held_.contains(file); });
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
  if (held_bytes_ + bytes <= room_.max_bytes()) return;
  throw Error(ErrorCode::kLimit, folder_.string() + ": expected at most " + megabytes(room_.max_bytes()) +
                                     " (train.disk_cache_mb), " + megabytes(held_bytes_ + bytes) +
                                     " are needed");
}

}  // namespace braid
