// Reads protobuf's wire format: fields of one message, in the order of the file.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

namespace braid {

struct ProtobufField {
  uint32_t number = 0;
  uint64_t varint = 0;     // of wire type 0
  uint32_t fixed32 = 0;    // of wire type 5
  std::string_view bytes;  // of wire type 2
  enum class Wire : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 } wire;

  float number32() const {
    float value;
    std::memcpy(&value, &fixed32, sizeof value);
    return value;
  }
};

// False where the bytes are no message; fields before the fault were visited then.
bool visit_fields(std::string_view message, const std::function<void(const ProtobufField&)>& visit);

}  // namespace braid
