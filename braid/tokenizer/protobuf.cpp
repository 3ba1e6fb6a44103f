#include "braid/tokenizer/protobuf.h"

namespace braid {
namespace {

bool take_varint(std::string_view& from, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(from[0]);
    from.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool take_span(std::string_view& from, uint64_t size, std::string_view& bytes) {
  if (size > from.size()) return false;
  bytes = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}

bool take_value(std::string_view& from, ProtobufField& field) {
  std::string_view fixed;
  uint64_t size = 0;
  switch (field.wire) {
    case ProtobufField::Wire::kVarint:
      return take_varint(from, field.varint);
    case ProtobufField::Wire::kFixed64:
      return take_span(from, 8, fixed);
    case ProtobufField::Wire::kBytes:
      return take_varint(from, size) && take_span(from, size, field.bytes);
    case ProtobufField::Wire::kFixed32:
      if (!take_span(from, sizeof field.fixed32, fixed)) return false;
      std::memcpy(&field.fixed32, fixed.data(), sizeof field.fixed32);
      return true;
  }
  return false;  // groups, which proto3 has not and this format never had
}

}  // namespace

bool visit_fields(std::string_view message,
                  const std::function<void(const ProtobufField&)>& visit) {
  constexpr uint64_t kMostNumber = (uint64_t{1} << 29) - 1;
  while (!message.empty()) {
    uint64_t key = 0;
    if (!take_varint(message, key) || key >> 3 == 0 || key >> 3 > kMostNumber) return false;
    ProtobufField field{};
    field.number = static_cast<uint32_t>(key >> 3);
    field.wire = static_cast<ProtobufField::Wire>(key & 7);
    if (!take_value(message, field)) return false;
    visit(field);
  }
  return true;
}

}  // namespace braid
