#include "braid/data/tar_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <new>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr uint64_t kBlockBytes = 512;

struct EntryCloser {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

}  // namespace

uint64_t tar_member_bytes(uint64_t size) {
  return kBlockBytes + (size + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}

void TarWriter::Closer::operator()(archive* a) const { archive_write_free(a); }

ptrdiff_t TarWriter::write_piece(archive*, void* self, const void* bytes, size_t size) {
  auto& writer = *static_cast<TarWriter*>(self);
  try {
    if (!writer.failure_) writer.file_.write({static_cast<const std::byte*>(bytes), size});
  } catch (...) {
    writer.failure_ = std::current_exception();
  }
  return writer.failure_ ? -1 : static_cast<ptrdiff_t>(size);
}

void TarWriter::check(int status) {
  if (failure_) std::rethrow_exception(failure_);
  if (status == ARCHIVE_OK) return;
  const char* reason = archive_error_string(archive_.get());
  throw Error(ErrorCode::kIo,
              path_ + ": cannot write: " + (reason ? reason : "the library refused"));
}

TarWriter::TarWriter(const std::filesystem::path& path, bool zst)
    : path_(path.string()), file_(path), archive_(archive_write_new()) {
  if (!archive_) throw std::bad_alloc();
  check(archive_write_set_format_pax_restricted(archive_.get()));  // ustar where that will do
  if (zst) {
    check(archive_write_add_filter_zstd(archive_.get()));
    check(archive_write_set_bytes_in_last_block(archive_.get(), 1));  // no zeros behind the frame
  }
  check(archive_write_open(archive_.get(), this, nullptr, &TarWriter::write_piece, nullptr));
}

void TarWriter::add(const std::string& name, std::span<const std::byte> content) {
  const std::unique_ptr<archive_entry, EntryCloser> entry(archive_entry_new());
  if (!entry) throw std::bad_alloc();
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 0, 0);
  check(archive_write_header(archive_.get(), entry.get()));
  const auto written = archive_write_data(archive_.get(), content.data(), content.size());
  check(written == static_cast<la_ssize_t>(content.size()) ? ARCHIVE_OK : ARCHIVE_FATAL);
  bytes_ += tar_member_bytes(content.size());
}

void TarWriter::commit() {
  check(archive_write_close(archive_.get()));
  archive_.reset();
  file_.commit();
}

}  // namespace braid
