// Writes a tar, plain or .zst, that appears whole or not at all. The same members give the same
// bytes: no times, no owners.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "braid/tensor_file/atomic_file.h"

struct archive;

namespace braid {

class TarWriter {
 public:
  // Throws Error(kIo).
  TarWriter(const std::filesystem::path& path, bool zst);
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  void add(const std::string& name, std::span<const std::byte> content);
  void commit();

  uint64_t bytes() const { return bytes_; }  // of the tar so far, before it is compressed

 private:
  struct Closer {
    void operator()(archive* a) const;
  };
  static ptrdiff_t write_piece(archive*, void* self, const void* bytes, size_t size);
  void check(int status);

  std::string path_;
  AtomicFile file_;
  std::exception_ptr failure_;                // of the file, carried past the library's C frames
  std::unique_ptr<archive, Closer> archive_;  // goes first: it flushes into what is above
  uint64_t bytes_ = 0;
};

// What a member of `size` bytes takes in a tar.
uint64_t tar_member_bytes(uint64_t size);

}  // namespace braid
