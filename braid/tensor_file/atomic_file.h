// A file written piece by piece that appears whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace braid {

// Writes to a temporary neighbour ("x.tmp.PID.N"); commit() syncs it, renames it over the path and
// syncs the folder. Destroyed without commit, it removes the temporary. Errors are Error(kIo) with
// the system's reason ("No space left on device"); the old file then stays.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void commit();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
};

}  // namespace braid
