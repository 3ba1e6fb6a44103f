#include "braid/data/cache_room.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr auto kAbandoned = std::chrono::hours(24);  // age of a temporary file that nobody writes
constexpr uint64_t kLeftFree = 20;                   // one part of so many of a disk
constexpr int kAttempts = 100;                       // to lock a folder, of kPause each
constexpr auto kPause = std::chrono::milliseconds(2);

struct CachedFile {
  fs::path path;
  int64_t bytes;
  fs::file_time_type used;
};

// Other processes come and go: a file that is gone by now is not there.
void add_files(const fs::path& folder, std::vector<CachedFile>& files) {
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder, gone)) {
    if (!entry.is_regular_file(gone)) continue;
    const auto used = entry.last_write_time(gone);
    const auto bytes = gone ? 0 : entry.file_size(gone);
    if (!gone) files.push_back({entry.path(), static_cast<int64_t>(bytes), used});
  }
}

bool is_growing(const fs::path& path) { return path.extension() == CacheRoom::kGrowing; }

// Of write_atomic and its like.
bool is_temporary(const fs::path& path) {
  return path.filename().string().find(".tmp.") != std::string::npos;
}

bool is_in_use(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  return file.get() >= 0 && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

int64_t disk_room(const fs::path& folder) {
  std::error_code unknown;
  const auto space = fs::space(folder, unknown);
  if (unknown) return INT64_MAX;
  const uint64_t left = space.capacity / kLeftFree;
  return space.available > left ? static_cast<int64_t>(space.available - left) : 0;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}
Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

int64_t CacheRoom::make(int64_t wanted, const std::function<bool(const fs::path&)>& keep) const {
  std::vector<CachedFile> files;
  for (const auto& folder : folders_) add_files(folder, files);
  std::ranges::sort(files, {}, &CachedFile::used);
  int64_t total = 0;
  for (const auto& file : files) total += file.bytes;
  const auto abandoned = fs::file_time_type::clock::now() - kAbandoned;
  for (const auto& file : files) {
    const bool over = total + wanted > max_bytes_;
    const bool temporary = is_temporary(file.path);
    const bool stale = temporary && file.used < abandoned;
    const bool unneeded = over && !temporary && !(keep && keep(file.path));
    if (!stale && !unneeded && !is_growing(file.path)) continue;
    if (!stale && is_in_use(file.path)) continue;
    std::error_code gone;
    if (fs::remove(file.path, gone)) total -= file.bytes;
  }
  int64_t room = std::min(wanted, max_bytes_ - total);
  if (!folders_.empty()) room = std::min(room, disk_room(folders_.front()));
  return std::max<int64_t>(0, room);
}

Descriptor CacheRoom::lock(const fs::path& folder) {
  Descriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; held.get() >= 0 && i < kAttempts; ++i) {
    if (::flock(held.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) break;
    std::this_thread::sleep_for(kPause);
  }
  return held;
}

void keep_in_use(int fd) { ::flock(fd, LOCK_SH | LOCK_NB); }

}  // namespace braid
