// What was made from a file (the index of a tar, an array), made once and kept while the file stays
// the same; the memory of all that is kept is bounded, least recently used goes first.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace braid {

struct FileStamp {
  uint64_t device = 0, inode = 0, size = 0;
  int64_t seconds = 0, nanoseconds = 0;
  bool operator==(const FileStamp&) const = default;
};

// Throws Error(kNotFound, kIo), Error(kInput) for what is no regular file.
FileStamp stamp_of(const std::filesystem::path& path);

// `Made` is built from a path and says how much `memory()` it holds.
template <class Made>
class FileCache {
 public:
  explicit FileCache(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // The lock of a slot is held while its file is read, so that it is read once and other files are
  // not held up. Many threads; throws as the constructor of Made.
  std::shared_ptr<Made> get(const std::filesystem::path& path) {
    const auto stamp = stamp_of(path);
    const auto slot = slot_of(path.string());
    std::shared_ptr<Made> made;
    {
      const std::lock_guard held(slot->lock);
      if (slot->made && slot->stamp == stamp) return slot->made;
      slot->made = made = std::make_shared<Made>(path);
      slot->stamp = stamp;
      slot->memory = made->memory();
    }
    trim_to_limit(slot.get());
    return made;
  }

 private:
  static constexpr uint64_t kSlotBytes = 256;

  struct Slot {
    std::mutex lock;
    std::shared_ptr<Made> made;
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
    for (const auto& [path, slot] : slots_) total += slot->memory + kSlotBytes;
    while (total > max_bytes_ && slots_.size() > 1) {
      auto oldest = slots_.end();
      for (auto at = slots_.begin(); at != slots_.end(); ++at) {
        const bool older = oldest == slots_.end() || at->second->used < oldest->second->used;
        if (at->second.get() != keep && older) oldest = at;
      }
      total -= oldest->second->memory + kSlotBytes;
      slots_.erase(oldest);
    }
  }

  const uint64_t max_bytes_;
  std::mutex lock_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;
  uint64_t clock_ = 0;
};

}  // namespace braid
