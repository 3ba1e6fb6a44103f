#include "braid/report/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "braid/core/error.h"

namespace braid {
namespace {

[[noreturn]] void fail_append(const std::filesystem::path& path, const char* what) {
  const int reason = errno;
  throw Error(reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
              path.string() + ": " + what + ": " + std::strerror(reason));
}

}  // namespace

AppendFile::AppendFile(const std::filesystem::path& path, Start start)
    : path_(path),
      fd_(::open(path.c_str(),
                 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | (start == Start::kNew ? O_EXCL : 0),
                 0644)) {
  if (fd_ < 0) fail_append(path_, "cannot open for writing");
}

AppendFile::~AppendFile() { ::close(fd_); }

void AppendFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_append(path_, "cannot write");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace braid
