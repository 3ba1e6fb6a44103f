// Remembers the tokens of words seen before: captions repeat theirs.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace braid {

// Bounded: takes no more words once full. Many threads.
class WordCache {
 public:
  // Appends the word's tokens if it is known.
  bool find(std::string_view word, std::vector<int64_t>& out);
  void put(std::string_view word, std::vector<int64_t> tokens);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view word) const { return std::hash<std::string_view>()(word); }
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, std::vector<int64_t>, Hash, std::equal_to<>> words;
  };
  Shard& shard(std::string_view word) { return shards_[Hash()(word) % shards_.size()]; }

  std::array<Shard, 16> shards_;
};

}  // namespace braid
