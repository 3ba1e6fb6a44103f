#include "braid/core/block_pool.h"

#include <sys/mman.h>

namespace braid {

BlockPool::BlockPool(size_t reserved_bytes) {
  void* start = mmap(nullptr, reserved_bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return;
  start_ = static_cast<std::byte*>(start);
  reserved_ = reserved_bytes;
}

BlockPool::~BlockPool() {
  if (start_) munmap(start_, reserved_);
}

void* BlockPool::take(size_t bytes) {
  if (bytes == 0 || bytes > reserved_) return nullptr;
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const std::lock_guard lock(mutex_);
  size_t offset = spread_;
  if (const auto fit = by_size_.lower_bound({bytes, 0}); fit != by_size_.end()) {
    const size_t there = fit->first;
    offset = fit->second;
    drop_free(free_.find(offset));
    if (there > bytes) add_free(offset + bytes, there - bytes);
  } else {
    // The last block, where it is free, only has to grow.
    const auto last = free_.empty() ? free_.end() : std::prev(free_.end());
    const bool grows = last != free_.end() && last->first + last->second == spread_;
    if (grows) offset = last->first;
    if (bytes > reserved_ - offset) return nullptr;
    if (grows) drop_free(last);
    spread_ = offset + bytes;
  }
  taken_.emplace(offset, bytes);
  used_ += bytes;
  return start_ + offset;
}

bool BlockPool::give_back(void* block) {
  auto* const address = static_cast<std::byte*>(block);
  if (!start_ || address < start_ || address >= start_ + reserved_) return false;
  const std::lock_guard lock(mutex_);
  const auto taken = taken_.extract(static_cast<size_t>(address - start_));
  size_t offset = taken.key(), bytes = taken.mapped();
  used_ -= bytes;
  if (const auto next = free_.find(offset + bytes); next != free_.end()) {
    bytes += next->second;
    drop_free(next);
  }
  if (auto before = free_.lower_bound(offset); before != free_.begin()) {
    --before;
    if (before->first + before->second == offset) {
      offset = before->first;
      bytes += before->second;
      drop_free(before);
    }
  }
  add_free(offset, bytes);
  return true;
}

size_t BlockPool::used_bytes() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

size_t BlockPool::spread_bytes() const {
  const std::lock_guard lock(mutex_);
  return spread_;
}

void BlockPool::add_free(size_t offset, size_t bytes) {
  free_.emplace(offset, bytes);
  by_size_.emplace(bytes, offset);
}

void BlockPool::drop_free(Free::iterator block) {
  by_size_.erase({block->second, block->first});
  free_.erase(block);
}

}  // namespace braid
