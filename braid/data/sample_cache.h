// Prepared samples kept in memory: what fits first stays, so that a shuffled epoch finds a fixed
// share of it again (with eviction by age it would find nothing once the data is larger).
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "braid/modality/modality.h"

namespace braid {

struct PreparedValue {
  Sample sample;
  uint64_t hash = 0;    // of the raw bytes
  bool mapped = false;  // from a file that is mapped: takes no memory of its own
};

struct ValueId {
  int64_t row = 0;
  uint32_t field = 0, source = 0, index = 0;
  bool operator==(const ValueId&) const = default;
};

class SampleCache {
 public:
  explicit SampleCache(int64_t max_bytes) : max_per_shard_(max_bytes / int64_t{kShards}) {}

  // Many threads. Samples share their bytes with what is kept: nobody writes into them.
  std::optional<PreparedValue> find(const ValueId& id) const;
  void insert(const ValueId& id, const PreparedValue& value);

 private:
  struct Hash {
    size_t operator()(const ValueId& id) const;
  };
  struct Shard {
    mutable std::mutex lock;
    std::unordered_map<ValueId, PreparedValue, Hash> values;
    int64_t bytes = 0;
  };
  static constexpr size_t kShards = 16;

  int64_t max_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace braid
