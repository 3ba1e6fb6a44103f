// An archive read once from front to back, compressed or not: tars, .npz (zip), and single files
// that are compressed (.gz). By libarchive.
//
// What unpacks to far more than it is (a bomb) is refused while it is read, whether its members are
// read or passed over.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

struct archive;

namespace braid {

enum class ArchiveFormat { kTar, kZip, kSingle };

class ArchiveStream {
 public:
  // Throws Error(kNotFound, kIo), Error(kInput) for what is no such archive.
  ArchiveStream(const std::filesystem::path& path, ArchiveFormat format);
  // Bytes in memory, which outlive the stream.
  ArchiveStream(std::span<const std::byte> bytes, std::string name, ArchiveFormat format);

  // Goes to the next file; folders are passed over. False at the end. Throws Error(kInput) for
  // damage and for a member that is no file, Error(kLimit) for a bomb.
  bool next();

  const std::string& name() const { return name_; }  // without "./" at the front

  // The content of the member that next() went to, once. Throws as next(), and Error(kLimit) over
  // `limit` bytes.
  std::string read(uint64_t limit);

 private:
  struct Closer {
    void operator()(archive* a) const;
  };

  void set_up(ArchiveFormat format);
  bool take(std::string* out, uint64_t limit);  // one piece of the member; false at its end
  void check_growth() const;
  [[noreturn]] void fail_damaged() const;

  std::string path_;
  std::unique_ptr<archive, Closer> archive_;
  uint64_t packed_bytes_ = 0;
  std::string name_;
  int64_t size_ = -1;  // as the header says; -1 where it says nothing
  bool in_member_ = false;
};

}  // namespace braid
