// Large blocks of memory, taken and given back again and again: one range of addresses, best fit,
// neighbours joined. Training takes the same blocks every step; a heap mixes them with small things
// that stay, and so grows for many steps. Torch-free.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

namespace braid {

// Pages are the system's until a block first touches them, and the pool's until it ends: it never holds more
// than the most that was in use, and what lay unused between. Safe to share by threads.
class BlockPool {
 public:
  // Reserves addresses, no memory. Where the system refuses, the pool has no room.
  explicit BlockPool(size_t reserved_bytes);
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // A block at a multiple of kAlignment; its bytes are whatever they were. Null where there is no room.
  void* take(size_t bytes);
  // True of a block of this pool, which must be in use; false, and nothing done, of any other address.
  bool give_back(void* block);

  size_t used_bytes() const;   // in blocks that are in use
  size_t spread_bytes() const;  // from the first address to the last that was ever in use

  static constexpr size_t kAlignment = 4096;

 private:
  using Free = std::map<size_t, size_t>;  // offset: bytes, no two touch

  void add_free(size_t offset, size_t bytes);
  void drop_free(Free::iterator block);

  mutable std::mutex mutex_;
  std::byte* start_ = nullptr;
  size_t reserved_ = 0, spread_ = 0, used_ = 0;
  Free free_;                                       // below spread_
  std::set<std::pair<size_t, size_t>> by_size_;     // the same: bytes, offset
  std::unordered_map<size_t, size_t> taken_;        // offset: bytes
};

}  // namespace braid
