#include "braid/data/encoded_values.h"

#include <xxhash.h>

#include <cstring>
#include <limits>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr uint32_t kBad = std::numeric_limits<uint32_t>::max();

}  // namespace

EncodedValues::Name EncodedValues::name_of(const Value& value) {
  const bool is_inline = value.file.empty();
  std::string place = is_inline ? value.text : value.file.string();
  if (!is_inline) place += '\0' + value.member;
  const auto hash = XXH3_128bits(place.data(), place.size());
  return {hash.low64, hash.high64};
}

size_t EncodedValues::add_block(const Array& vectors) {
  blocks_.push_back(vectors);
  return blocks_.size() - 1;
}

void EncodedValues::add(const Value& value, uint64_t key, size_t block, size_t row) {
  const Place place{key, static_cast<uint32_t>(block), static_cast<uint32_t>(row)};
  places_.try_emplace(name_of(value), place);
}

void EncodedValues::add_bad(const Value& value, const std::string& message) {
  const auto number = static_cast<uint32_t>(messages_.size());
  if (places_.try_emplace(name_of(value), Place{0, kBad, number}).second)
    messages_.push_back(message);
}

std::optional<PreparedValue> EncodedValues::find(const Value& value) const {
  const auto found = places_.find(name_of(value));
  if (found == places_.end()) return std::nullopt;
  const auto& [key, number, row] = found->second;
  if (number == kBad) throw Error(ErrorCode::kInput, messages_[row]);
  const auto& block = blocks_[number];
  const auto offset = static_cast<size_t>(row * width_) * sizeof(float);
  auto vector = Array::view(DType::kF32, {width_}, {block.share(), block.bytes() + offset});
  return PreparedValue{{std::move(vector), {}}, key};
}

Sample EncodedValues::collate(std::span<const Sample* const> vectors) const {
  Sample batch{Array(DType::kF32, {static_cast<int64_t>(vectors.size()), width_}), {}};
  const size_t size = static_cast<size_t>(width_) * sizeof(float);
  for (size_t i = 0; i < vectors.size(); ++i) {
    if (vectors[i])
      std::memcpy(batch.values.mutable_bytes() + i * size, vectors[i]->values.bytes(), size);
  }
  return batch;
}

}  // namespace braid
