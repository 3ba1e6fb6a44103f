// Numbers for n-grams, exact: an n-gram is the number of its first n - 1 symbols and its last one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace braid {

class NgramTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;  // before the first symbol; "not there"

  NgramTable() { clear(); }

  void clear() {
    keys_.resize(kFirstSlots);
    values_.resize(kFirstSlots);
    std::fill(keys_.begin(), keys_.end(), kEmpty);
    size_ = 0;
  }

  // kNone where it was never added.
  uint32_t find(uint32_t prefix, uint32_t symbol) const {
    const uint64_t key = key_of(prefix, symbol);
    const size_t at = slot(key);
    return keys_[at] == key ? values_[at] : kNone;
  }

  // Numbers 0, 1, 2, ... in the order of first sight.
  uint32_t add(uint32_t prefix, uint32_t symbol) {
    const uint64_t key = key_of(prefix, symbol);
    size_t at = slot(key);
    if (keys_[at] == key) return values_[at];
    if (2 * (size_ + 1) > keys_.size()) {
      grow();
      at = slot(key);
    }
    keys_[at] = key;
    return values_[at] = size_++;
  }

  uint32_t size() const { return size_; }

 private:
  static constexpr size_t kFirstSlots = 1024;
  static constexpr uint64_t kEmpty = UINT64_MAX;  // no key: a symbol is never kNone

  static uint64_t key_of(uint32_t prefix, uint32_t symbol) {
    return uint64_t{prefix} << 32 | symbol;
  }

  size_t slot(uint64_t key) const {
    const size_t mask = keys_.size() - 1;
    uint64_t hash = key * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    size_t at = hash & mask;
    while (keys_[at] != key && keys_[at] != kEmpty) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    auto keys = std::vector<uint64_t>(2 * keys_.size(), kEmpty);
    auto values = std::vector<uint32_t>(keys.size());
    keys.swap(keys_);
    values.swap(values_);
    for (size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == kEmpty) continue;
      const size_t at = slot(keys[i]);
      keys_[at] = keys[i];
      values_[at] = values[i];
    }
  }

  std::vector<uint64_t> keys_;
  std::vector<uint32_t> values_;
  uint32_t size_ = 0;
};

}  // namespace braid
