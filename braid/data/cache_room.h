// Room on disk for what can be made again: one bound for the files of several folders, of all
// processes together.
//
// Where room is needed, the longest unused files go first; what a process has mapped stays readable
// for it. A file on which a process holds a lock (flock) stays, and one that was being written
// when its process ended is known by having none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

// An open file descriptor; -1 = none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return fd_; }

 private:
  int fd_;
};

class CacheRoom {
 public:
  static constexpr std::string_view kGrowing = ".open";  // ends the name of a file being written

  // `folders` need not exist.
  CacheRoom(std::vector<std::filesystem::path> folders, int64_t max_bytes)
      : folders_(std::move(folders)), max_bytes_(max_bytes) {}

  // Removes files until `wanted` bytes more fit, but none that `keep` (empty: none) says to keep.
  // Returns how many fit: less than wanted, perhaps none, where the rest is in use or the disk is
  // nearly full.
  int64_t make(int64_t wanted,
               const std::function<bool(const std::filesystem::path&)>& keep = {}) const;

  // While it lives, other processes wait with making room in `folder`; not for ever, so that one
  // that hangs carries the folder over its bound, by a file, rather than stop the others.
  static Descriptor lock(const std::filesystem::path& folder);

  int64_t max_bytes() const { return max_bytes_; }

 private:
  std::vector<std::filesystem::path> folders_;
  int64_t max_bytes_;
};

// Keeps others from removing the file while the descriptor is open, where the system can.
void keep_in_use(int fd);

}  // namespace braid
