#include "braid/report/event_record.h"

#include <array>
#include <bit>

namespace braid {
namespace {

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0u);
    table[byte] = crc;
  }
  return table;
}

constexpr auto kCrcTable = make_crc_table();

// TFRecord stores checksums masked, so that a checksum of bytes that hold checksums stays a good
// one.
uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8u; }

template <class T>
void put_fixed(std::string& out, T value) {
  for (size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  out += static_cast<char>(value);
}

enum class EventWire : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void put_key(std::string& out, int field, EventWire wire) {
  put_varint(out, static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(wire));
}

void put_bytes(std::string& out, int field, std::string_view bytes) {
  put_key(out, field, EventWire::kBytes);
  put_varint(out, bytes.size());
  out += bytes;
}

std::string event_start(double wall_time_s) {
  std::string event;
  put_key(event, 1, EventWire::kFixed64);
  put_fixed(event, std::bit_cast<uint64_t>(wall_time_s));
  return event;
}

std::string framed(std::string_view message) {
  std::string frame;
  put_fixed(frame, static_cast<uint64_t>(message.size()));
  put_fixed(frame, masked_crc(frame));
  frame += message;
  put_fixed(frame, masked_crc(message));
  return frame;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (const unsigned char byte : bytes) crc = (crc >> 8) ^ kCrcTable[(crc ^ byte) & 0xff];
  return ~crc;
}

std::string version_record(double wall_time_s) {
  auto event = event_start(wall_time_s);
  put_bytes(event, 3, "brain.Event:2");
  return framed(event);
}

std::string scalar_record(int64_t step, double wall_time_s, std::span<const NamedValue> values) {
  std::string summary;
  for (const auto& [name, number] : values) {
    std::string value;
    put_bytes(value, 1, name);
    put_key(value, 2, EventWire::kFixed32);
    put_fixed(value, std::bit_cast<uint32_t>(static_cast<float>(number)));
    put_bytes(summary, 1, value);
  }
  auto event = event_start(wall_time_s);
  put_key(event, 2, EventWire::kVarint);
  put_varint(event, static_cast<uint64_t>(step));
  put_bytes(event, 5, summary);
  return framed(event);
}

}  // namespace braid
