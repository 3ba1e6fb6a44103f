// What a frozen encoder made of a field's values: stands in for reading, decoding and encoding
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/core/array.h"
#include "braid/data/dataset.h"
#include "braid/data/sample_cache.h"

namespace braid {

class EncodedValues {
 public:
  explicit EncodedValues(int64_t width) : width_(width) {}

  // `vectors` [n, width] f32 are kept as they lie; returns their number.
  size_t add_block(const Array& vectors);
  // Row `row` of a block came of `value`; `key`: value_key of its bytes. A value that is known
  // already keeps what it has.
  void add(const Value& value, uint64_t key, size_t block, size_t row);
  void add_bad(const Value& value, const std::string& message);

  // Sample::values [width], or nothing for a value that was never encoded. Throws Error(kInput) for
  // one that could not be read. Many threads, once nothing is added any more.
  std::optional<PreparedValue> find(const Value& value) const;

  // One batch [B, width]; null pointers become zeros.
  Sample collate(std::span<const Sample* const> vectors) const;

  int64_t width() const { return width_; }

 private:
  struct Name {
    uint64_t low, high;  // a hash of where the value lies
    bool operator==(const Name&) const = default;
  };
  struct NameHash {
    size_t operator()(const Name& name) const { return name.low; }
  };
  struct Place {
    uint64_t key;
    uint32_t block, row;  // row of a block, or of messages_
  };
  static Name name_of(const Value& value);

  int64_t width_;
  std::vector<Array> blocks_;
  std::vector<std::string> messages_;
  std::unordered_map<Name, Place, NameHash> places_;
};

}  // namespace braid
