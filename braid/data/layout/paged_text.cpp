#include "braid/data/layout/paged_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

constexpr uint64_t kMaxPipeBytes = uint64_t{16} << 30;

}  // namespace

PagedText::PagedText(std::filesystem::path path) : path_(std::move(path)) {
  struct stat info {};
  const bool regular = ::stat(path_.c_str(), &info) == 0 && S_ISREG(info.st_mode);
  if (regular) fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) {
    text_ = read_text(path_, kMaxPipeBytes);  // or says why not
    size_ = text_.size();
    return;
  }
  size_ = static_cast<uint64_t>(info.st_size);
}

PagedText::~PagedText() {
  if (fd_ >= 0) ::close(fd_);
}

std::string PagedText::read(uint64_t begin, uint64_t size) const {
  size = begin < size_ ? std::min(size, size_ - begin) : 0;
  if (fd_ < 0) return text_.substr(std::min(begin, size_), size);
  std::string piece(size, '\0');
  for (size_t done = 0; done < size;) {
    const ssize_t n =
        ::pread(fd_, piece.data() + done, size - done, static_cast<off_t>(begin + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      throw Error(ErrorCode::kIo, path_.string() + ": cannot read: " + std::strerror(errno));
    }
    if (n == 0) {
      throw Error(ErrorCode::kInput, path_.string() + ": ends at byte " +
                                         std::to_string(begin + done) + ", had " +
                                         std::to_string(size_) + " when it was opened");
    }
    done += static_cast<size_t>(n);
  }
  return piece;
}

std::string PagedText::content_hash() const {
  return fd_ < 0 ? braid::content_hash(std::string_view(text_)) : file_hash(path_);
}

}  // namespace braid
