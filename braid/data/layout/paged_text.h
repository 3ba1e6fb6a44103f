// A text file read in pieces, so that it may be larger than memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace braid {

class PagedText {
 public:
  // What is no regular file (a pipe) cannot be read twice and is kept in memory, up to 16 GiB.
  // Throws Error(kNotFound, kIo, kLimit).
  explicit PagedText(std::filesystem::path path);
  ~PagedText();
  PagedText(const PagedText&) = delete;
  PagedText& operator=(const PagedText&) = delete;

  const std::filesystem::path& path() const { return path_; }
  uint64_t size() const { return size_; }

  // `size` bytes from `begin`, fewer at the end. Throws Error(kInput) where the file has become
  // shorter since it was opened. Many threads.
  std::string read(uint64_t begin, uint64_t size) const;

  std::string content_hash() const;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  uint64_t size_ = 0;
  std::string text_;  // of what is no regular file
};

}  // namespace braid
