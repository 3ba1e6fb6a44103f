// The merges of a BPE model, and their application to one word.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace braid {

struct Merge {
  int32_t left;
  int32_t right;
  int32_t result;
};

using ByteIds = std::array<int32_t, 256>;  // the token of each single byte

// Two token ids as one hash key.
inline uint64_t pair_key(int32_t left, int32_t right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}
struct PairHash {
  size_t operator()(uint64_t key) const {
    key *= 0x9e3779b97f4a7c15u;
    return key ^ key >> 29;
  }
};

class MergeTable {
 public:
  // Merges in the order of rank: the first is applied first. A repeated pair keeps its first rank.
  explicit MergeTable(const std::vector<Merge>& merges);

  size_t size() const { return entries_.size(); }

  // Appends what is left of the letters of one word: always the merge of lowest rank, the leftmost
  // among equals. n log n in the number of letters. Many threads.
  void apply(const std::vector<int32_t>& letters, std::vector<int64_t>& out) const;

 private:
  struct Entry {
    int32_t rank;
    int32_t result;
  };
  const Entry* find(int32_t left, int32_t right) const;

  std::unordered_map<uint64_t, Entry, PairHash> entries_;
};

}  // namespace braid
