#include "braid/data/file_cache.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "braid/core/error.h"

namespace braid {

FileStamp stamp_of(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    const int reason = errno;
    const bool absent = reason == ENOENT || reason == ENOTDIR;
    throw Error(absent ? ErrorCode::kNotFound : ErrorCode::kIo,
                path.string() + ": cannot open: " + std::strerror(reason));
  }
  if (!S_ISREG(info.st_mode)) throw Error(ErrorCode::kInput, path.string() + ": not a file");
  return {info.st_dev, info.st_ino, static_cast<uint64_t>(info.st_size), info.st_mtim.tv_sec,
          info.st_mtim.tv_nsec};
}

}  // namespace braid
