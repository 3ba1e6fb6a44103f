#include "braid/data/sample_cache.h"

#include "braid/core/rng.h"

namespace braid {
namespace {

constexpr int64_t kEntryOverhead = 400;  // map node, shapes, allocation headers

int64_t memory_of(const PreparedValue& value) {
  const auto bytes = [&](const Array& a) {
    return a.empty() || value.mapped ? 0 : static_cast<int64_t>(a.byte_size());
  };
  return kEntryOverhead + bytes(value.sample.values) + bytes(value.sample.mask);
}

}  // namespace

size_t SampleCache::Hash::operator()(const ValueId& id) const {
  const uint64_t place = (uint64_t{id.field} << 48) ^ (uint64_t{id.source} << 32) ^ id.index;
  return mix(mix(0, static_cast<uint64_t>(id.row)), place);
}

std::optional<PreparedValue> SampleCache::find(const ValueId& id) const {
  if (max_per_shard_ <= 0) return std::nullopt;
  const auto& shard = shards_[Hash()(id) % kShards];
  const std::lock_guard held(shard.lock);
  const auto at = shard.values.find(id);
  if (at == shard.values.end()) return std::nullopt;
  return at->second;
}

void SampleCache::insert(const ValueId& id, const PreparedValue& value) {
  const int64_t size = memory_of(value);
  auto& shard = shards_[Hash()(id) % kShards];
  const std::lock_guard held(shard.lock);
  if (shard.bytes + size > max_per_shard_) return;
  if (shard.values.emplace(id, value).second) shard.bytes += size;
}

}  // namespace braid
