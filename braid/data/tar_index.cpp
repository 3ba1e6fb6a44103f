#include "braid/data/tar_index.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include "braid/core/error.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxMembers = 16u << 20;
constexpr uint64_t kMaxIndexMemory = uint64_t{512} << 20;

struct ArchiveCloser {
  void operator()(archive* a) const { archive_read_free(a); }
};

std::string_view without_dot_slash(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return name;
}

// Old headers carry raw bytes, pax headers UTF-8; which call gives them back depends on the locale.
const char* member_name(archive_entry* entry) {
  if (const char* raw = archive_entry_pathname(entry)) return raw;
  return archive_entry_pathname_utf8(entry);
}

struct FileStamp {
  uint64_t device = 0, inode = 0, size = 0;
  int64_t seconds = 0, nanoseconds = 0;
  bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_of(const fs::path& path) {
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

}  // namespace

TarIndex::TarIndex(const fs::path& path) : path_(path.string()) {
  const uint64_t file_size = stamp_of(path).size;
  walk();
  // A header may promise more than there is.
  const auto past_end = [&](const Entry& e) {
    return e.member.offset > file_size || e.member.size > file_size - e.member.offset;
  };
  if (std::erase_if(entries_, past_end) && damage_.empty()) damage_ = "truncated";
  if (entries_.empty() && !damage_.empty()) {
    throw Error(ErrorCode::kInput, path_ + ": cannot be read as a plain tar (" + damage_ +
                                       "); a compressed one must be unpacked first");
  }
  // Of two members with one name the later counts, as tar itself has it.
  std::stable_sort(entries_.begin(), entries_.end(),
                   [&](const Entry& a, const Entry& b) { return name(a) < name(b); });
}

void TarIndex::walk() {
  const std::unique_ptr<archive, ArchiveCloser> reader(archive_read_new());
  if (!reader) throw std::bad_alloc();
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), path_.c_str(), 64 << 10) != ARCHIVE_OK) {
    damage_ = archive_error_string(reader.get());
    return;
  }
  while (true) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
      const char* reason = archive_error_string(reader.get());
      damage_ = reason ? reason : "unreadable header";
      return;
    }
    const char* raw = member_name(entry);
    if (!raw || archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
      continue;
    const auto clean = without_dot_slash(raw);
    if (entries_.size() == kMaxMembers) {
      throw Error(ErrorCode::kLimit,
                  path_ + ": more than " + std::to_string(kMaxMembers) + " members");
    }
    const auto offset = static_cast<uint64_t>(archive_filter_bytes(reader.get(), 0));
    entries_.push_back({names_.size(),
                        static_cast<uint32_t>(clean.size()),
                        {offset, static_cast<uint64_t>(archive_entry_size(entry))}});
    names_ += clean;
  }
}

std::string_view TarIndex::name(const Entry& entry) const {
  return std::string_view(names_).substr(entry.name_begin, entry.name_size);
}

const TarIndex::Entry* TarIndex::look_up(std::string_view wanted) const {
  wanted = without_dot_slash(wanted);
  const auto below = [&](const Entry& e, std::string_view n) { return name(e) < n; };
  const auto above = [&](std::string_view n, const Entry& e) { return n < name(e); };
  const auto end = std::upper_bound(entries_.begin(), entries_.end(), wanted, above);
  if (end != entries_.begin() && name(*std::prev(end)) == wanted) return &*std::prev(end);
  if (wanted.substr(wanted.rfind('/') + 1).find('.') != wanted.npos) return nullptr;
  const std::string stem = std::string(wanted) + ".";
  const auto first = std::lower_bound(entries_.begin(), entries_.end(), stem, below);
  const auto starts = [&](auto at) { return at != entries_.end() && name(*at).starts_with(stem); };
  return starts(first) && !starts(std::next(first)) ? &*first : nullptr;
}

TarIndex::Member TarIndex::find(std::string_view name) const {
  if (const auto* entry = look_up(name)) return entry->member;
  const std::string what = path_ + ": no member '" + std::string(name) + "'";
  if (damage_.empty()) throw Error(ErrorCode::kNotFound, what);
  throw Error(ErrorCode::kInput, what + "; the tar is damaged after " +
                                     std::to_string(entries_.size()) + " members: " + damage_);
}

uint64_t TarIndex::memory() const {
  return names_.capacity() + entries_.capacity() * sizeof(Entry);
}

namespace {

// Least recently used indexes go first. The lock of a slot is held while its tar is walked, so that
// it is walked once and other tars are not held up.
class TarCache {
 public:
  std::shared_ptr<const TarIndex> get(const fs::path& path) {
    const auto stamp = stamp_of(path);
    const auto slot = slot_of(path.string());
    std::shared_ptr<const TarIndex> index;
    {
      const std::lock_guard held(slot->lock);
      if (slot->index && slot->stamp == stamp) return slot->index;
      slot->index = index = std::make_shared<const TarIndex>(path);
      slot->stamp = stamp;
      slot->memory = index->memory();
    }
    trim_to_limit(slot.get());
    return index;
  }

 private:
  struct Slot {
    std::mutex lock;
    std::shared_ptr<const TarIndex> index;
    FileStamp stamp;
    std::atomic<uint64_t> memory{0};
    uint64_t used = 0;  // under the cache's lock
  };

  std::shared_ptr<Slot> slot_of(const std::string& path) {
    const std::lock_guard held(lock_);
    auto& slot = slots_[path];
    if (!slot) slot = std::make_shared<Slot>();
    slot->used = ++clock_;
    return slot;
  }

  void trim_to_limit(const Slot* keep) {
    const std::lock_guard held(lock_);
    uint64_t total = 0;
    for (const auto& [path, slot] : slots_) total += slot->memory + 256;
    while (total > kMaxIndexMemory && slots_.size() > 1) {
      auto oldest = slots_.end();
      for (auto at = slots_.begin(); at != slots_.end(); ++at) {
        const bool older = oldest == slots_.end() || at->second->used < oldest->second->used;
        if (at->second.get() != keep && older) oldest = at;
      }
      total -= oldest->second->memory + 256;
      slots_.erase(oldest);
    }
  }

  std::mutex lock_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;
  uint64_t clock_ = 0;
};

}  // namespace

std::shared_ptr<const TarIndex> tar_index(const fs::path& path) {
  static TarCache cache;  // holds no result that the files do not determine
  return cache.get(path);
}

}  // namespace braid
