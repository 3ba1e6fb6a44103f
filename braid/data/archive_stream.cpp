#include "braid/data/archive_stream.h"

#include <archive.h>
#include <archive_entry.h>

#include <new>

#include "braid/core/error.h"
#include "braid/data/file_cache.h"

namespace braid {
namespace {

// Text packs 10 times smaller, tars of tiny files some 50 times; zeros thousands of times.
constexpr uint64_t kMaxGrowth = 256;
constexpr uint64_t kFreeBytes = uint64_t{64} << 20;  // never called a bomb
constexpr size_t kReadBytes = 64 << 10;

}  // namespace

void ArchiveStream::Closer::operator()(archive* a) const { archive_read_free(a); }

void ArchiveStream::set_up(ArchiveFormat format) {
  archive_.reset(archive_read_new());
  if (!archive_) throw std::bad_alloc();
  if (format == ArchiveFormat::kZip) {
    archive_read_support_format_zip(archive_.get());
    return;
  }
  archive_read_support_filter_gzip(archive_.get());
  archive_read_support_filter_zstd(archive_.get());
  if (format == ArchiveFormat::kTar) {
    archive_read_support_format_tar(archive_.get());
  } else {
    archive_read_support_format_raw(archive_.get());
  }
}

ArchiveStream::ArchiveStream(const std::filesystem::path& path, ArchiveFormat format)
    : path_(path.string()), packed_bytes_(stamp_of(path).size) {
  set_up(format);
  if (archive_read_open_filename(archive_.get(), path_.c_str(), kReadBytes) != ARCHIVE_OK)
    fail_damaged();
}

ArchiveStream::ArchiveStream(std::span<const std::byte> bytes, std::string name,
                             ArchiveFormat format)
    : path_(std::move(name)), packed_bytes_(bytes.size()) {
  set_up(format);
  if (archive_read_open_memory(archive_.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
    fail_damaged();
}

void ArchiveStream::fail_damaged() const {
  const char* reason = archive_error_string(archive_.get());
  throw Error(ErrorCode::kInput, path_ + ": damaged, cut off or no such archive" +
                                     (name_.empty() ? "" : ", at or after member '" + name_ + "'") +
                                     ": " + (reason ? reason : "unreadable"));
}

void ArchiveStream::check_growth() const {
  const auto out = static_cast<uint64_t>(archive_filter_bytes(archive_.get(), 0));
  if (out <= kFreeBytes || out / kMaxGrowth <= packed_bytes_) return;
  throw Error(ErrorCode::kLimit, path_ + ": " + std::to_string(packed_bytes_) +
                                     " bytes unpack to more than " + std::to_string(kMaxGrowth) +
                                     " times as many: refused as a bomb");
}

// `out` may be null: the piece is passed over.
bool ArchiveStream::take(std::string* out, uint64_t limit) {
  char piece[kReadBytes];
  const la_ssize_t n = archive_read_data(archive_.get(), piece, sizeof piece);
  if (n < 0) fail_damaged();
  check_growth();
  if (out && out->size() + static_cast<uint64_t>(n) > limit) {
    throw Error(ErrorCode::kLimit,
                path_ + "#" + name_ + ": over the limit of " + std::to_string(limit) + " bytes");
  }
  if (out) out->append(piece, static_cast<size_t>(n));
  return n > 0;
}

bool ArchiveStream::next() {
  while (true) {
    // Read, not skipped: what is skipped inside the library is out of our sight.
    while (in_member_ && take(nullptr, 0)) continue;
    in_member_ = false;
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_.get(), &entry);
    if (status == ARCHIVE_EOF) return false;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail_damaged();
    check_growth();
    const char* raw = archive_entry_pathname(entry);
    if (!raw) raw = archive_entry_pathname_utf8(entry);
    std::string_view name = raw ? raw : "";
    while (name.starts_with("./")) name.remove_prefix(2);
    name_ = name;
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry)) {
      throw Error(ErrorCode::kInput,
                  path_ + ": member '" + name_ + "' is a link or a device, expected a file");
    }
    size_ = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1;
    in_member_ = true;
    return true;
  }
}

std::string ArchiveStream::read(uint64_t limit) {
  if (size_ >= 0 && static_cast<uint64_t>(size_) > limit) {
    throw Error(ErrorCode::kLimit, path_ + "#" + name_ + ": " + std::to_string(size_) +
                                       " bytes, over the limit of " + std::to_string(limit));
  }
  std::string content;
  while (take(&content, limit)) continue;
  in_member_ = false;
  if (size_ >= 0 && content.size() != static_cast<uint64_t>(size_)) fail_damaged();
  return content;
}

}  // namespace braid
