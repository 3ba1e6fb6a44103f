#include "braid/core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "braid/core/error.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* what) {
  const int reason = errno;
  const auto code = reason == ENOENT || reason == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo;
  throw Error(code, path.string() + ": " + what + ": " + std::strerror(reason));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, mode_t mode = 0)
      : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (fd_ < 0) fail(path, "cannot open");
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  uint64_t regular_size() const {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) fail(path_, "cannot stat");
    if (S_ISDIR(info.st_mode)) {
      throw Error(ErrorCode::kIo, path_.string() + ": is a folder, expected a file");
    }
    return static_cast<uint64_t>(info.st_size);
  }

  // Up to `size` bytes at `offset`; fewer only at the end of the file.
  size_t read_at(std::byte* out, size_t size, uint64_t offset) const {
    size_t done = 0;
    while (done < size) {
      const ssize_t n = ::pread(fd_, out + done, size - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path_, "cannot read");
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    return done;
  }

  void write_all(std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path_, "cannot write");
      bytes = bytes.subspan(static_cast<size_t>(n));
    }
  }

  void sync() const {
    if (::fsync(fd_) != 0) fail(path_, "cannot sync");
  }

  void close() {
    if (::close(std::exchange(fd_, -1)) != 0) fail(path_, "cannot close");
  }

 private:
  fs::path path_;
  int fd_;
};

std::string hex(const XXH128_hash_t& hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned char byte : canonical.digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// Reads to the end, so that pipes and /proc files (size 0) work too.
template <class Container>
Container read_whole(const fs::path& path, uint64_t limit) {
  const Descriptor file(path, O_RDONLY);
  const uint64_t size = file.regular_size();
  const auto refuse = [&] {
    throw Error(ErrorCode::kLimit,
                path.string() + ": larger than the limit of " + std::to_string(limit) + " bytes");
  };
  if (size > limit) refuse();
  Container content(size, {});
  size_t done = file.read_at(reinterpret_cast<std::byte*>(content.data()), content.size(), 0);
  content.resize(done);
  std::byte rest[4096];
  while (size_t more = file.read_at(rest, sizeof rest, done)) {
    done += more;
    if (done > limit) refuse();
    const auto* begin = reinterpret_cast<const typename Container::value_type*>(rest);
    content.insert(content.end(), begin, begin + more);
  }
  return content;
}

}  // namespace

Bytes read_file(const fs::path& path, uint64_t limit) { return read_whole<Bytes>(path, limit); }

std::string read_text(const fs::path& path, uint64_t limit) {
  return read_whole<std::string>(path, limit);
}

Bytes read_range(const fs::path& path, uint64_t offset, uint64_t size) {
  const Descriptor file(path, O_RDONLY);
  const uint64_t whole = file.regular_size();
  if (offset > whole || size > whole - offset) {
    throw Error(ErrorCode::kInput, path.string() + ": ends at byte " + std::to_string(whole) +
                                       ", expected " + std::to_string(size) + " bytes from " +
                                       std::to_string(offset));
  }
  Bytes content(size);
  content.resize(file.read_at(content.data(), size, offset));
  return content;
}

void write_atomic(const fs::path& path, std::span<const std::byte> bytes) {
  static std::atomic<uint64_t> counter{0};
  fs::path temporary = path;
  temporary += ".tmp." + std::to_string(::getpid()) + "." + std::to_string(counter++);
  try {
    Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    file.write_all(bytes);
    file.sync();
    file.close();
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail(path, "cannot rename into place");
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_path(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

void write_atomic(const fs::path& path, std::string_view text) {
  write_atomic(path, as_bytes(text));
}

void make_folder(const fs::path& path) {
  std::error_code problem;
  fs::create_directories(path, problem);
  if (problem) {
    throw Error(ErrorCode::kIo, path.string() + ": cannot make folder: " + problem.message());
  }
}

void sync_path(const fs::path& path) { Descriptor(path, O_RDONLY).sync(); }

std::string content_hash(std::span<const std::byte> bytes) {
  return hex(XXH3_128bits(bytes.data(), bytes.size()));
}

std::string content_hash(std::string_view text) { return content_hash(as_bytes(text)); }

std::string file_hash(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  file.regular_size();
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                 XXH3_freeState);
  XXH3_128bits_reset(state.get());
  Bytes chunk(1 << 20);
  uint64_t offset = 0;
  while (size_t n = file.read_at(chunk.data(), chunk.size(), offset)) {
    XXH3_128bits_update(state.get(), chunk.data(), n);
    offset += n;
  }
  return hex(XXH3_128bits_digest(state.get()));
}

}  // namespace braid
