// Arrays on disk that can be made again: a file a key, mapped into memory, bounded, shared by
// processes.
//
// A file appears whole or not at all. Where room is needed, the longest unused files go first; what
// another process has mapped stays readable for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "braid/data/cache_room.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

// One thread; as many caches as one likes may share a folder.
class ArrayCache {
 public:
  // The folder is made when something is stored in it. What lies in the folders `beside` it counts
  // towards the bound, and makes room, too.
  ArrayCache(std::filesystem::path folder, int64_t max_bytes,
             std::vector<std::filesystem::path> beside = {});

  // What was stored under `key` (letters and digits), which must say all that decides the arrays;
  // nothing where it is not there. Throws Error(kInput) for a damaged file.
  std::optional<TensorFile> find(const std::string& key);

  // Files that this object found or stored are not removed to make room. Throws Error(kLimit) where
  // they leave too little, Error(kIo) where the disk does; what was stored before stays.
  void store(const std::string& key, const TensorFile& arrays);

  // Throws Error(kLimit) where `bytes` more could not be stored, before they are made.
  void expect_room(int64_t bytes) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path path_of(const std::string& key) const;
  void hold(const std::filesystem::path& path);

  std::filesystem::path folder_;
  CacheRoom room_;
  int64_t held_bytes_ = 0;
  std::set<std::filesystem::path> held_;
};

}  // namespace braid
