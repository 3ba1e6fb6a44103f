// Magic, then for each part: u64 size of its name, u64 of its bytes, name, bytes; little-endian.
#include "braid/modality/parts.h"

#include <cstring>
#include <string_view>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr std::string_view kPartsMagic =
    "\x8d"
    "braid parts\n";

void append_size(Bytes& out, uint64_t size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&size);
  out.insert(out.end(), bytes, bytes + sizeof size);
}

// The next `size` bytes of `rest`, which then begins behind them.
std::span<const std::byte> take_bytes(std::span<const std::byte>& rest, uint64_t size) {
  if (size > rest.size()) throw Error(ErrorCode::kInput, "joined columns: the bytes end too early");
  const auto taken = rest.first(size);
  rest = rest.subspan(size);
  return taken;
}

uint64_t take_size(std::span<const std::byte>& rest) {
  uint64_t size = 0;
  std::memcpy(&size, take_bytes(rest, sizeof size).data(), sizeof size);
  return size;
}

}  // namespace

Bytes join_parts(std::span<const NamedPart> parts) {
  const auto magic = as_bytes(kPartsMagic);
  Bytes out(magic.begin(), magic.end());
  for (const auto& part : parts) {
    append_size(out, part.name.size());
    append_size(out, part.bytes.size());
    const auto name = as_bytes(part.name);
    out.insert(out.end(), name.begin(), name.end());
    out.insert(out.end(), part.bytes.begin(), part.bytes.end());
  }
  return out;
}

std::vector<NamedPart> split_parts(std::span<const std::byte> bytes) {
  if (!as_text(bytes).starts_with(kPartsMagic)) return {{"", bytes}};
  std::vector<NamedPart> parts;
  for (auto rest = bytes.subspan(kPartsMagic.size()); !rest.empty();) {
    const uint64_t name_size = take_size(rest), size = take_size(rest);
    const std::string name(as_text(take_bytes(rest, name_size)));
    parts.push_back({name, take_bytes(rest, size)});
  }
  return parts;
}

}  // namespace braid
