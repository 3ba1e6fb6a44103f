#include "braid/modality/sound/riff.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

constexpr size_t kHead = 8;                 // name and size of a chunk
constexpr size_t kForm = 12;                // "RIFF", size, "WAVE"
constexpr uint32_t kStreamed = 0xffffffff;  // sizes that a writer into a pipe could not know

uint32_t size_at(std::span<const std::byte> bytes, size_t at) {
  uint32_t size = 0;
  for (size_t i = 0; i < 4; ++i) size |= std::to_integer<uint32_t>(bytes[at + i]) << (8 * i);
  return size;
}

}  // namespace

void expect_whole_riff(std::span<const std::byte> bytes) {
  if (bytes.size() < kForm || std::memcmp(bytes.data(), "RIFF", 4) != 0 ||
      std::memcmp(bytes.data() + 8, "WAVE", 4) != 0) {
    return;
  }
  const bool streamed = size_at(bytes, 4) == kStreamed;
  size_t at = kForm;
  while (at < bytes.size()) {
    const size_t left = bytes.size() - at;
    if (left < kHead) {
      throw Error(ErrorCode::kInput,
                  "WAV: damaged: " + std::to_string(left) + " stray bytes after the last chunk");
    }
    const size_t size = size_at(bytes, at + 4);
    if (streamed && size == kStreamed) return;  // to the end
    if (size > left - kHead) {
      const std::string name(reinterpret_cast<const char*>(bytes.data()) + at, 4);
      throw Error(ErrorCode::kInput, "WAV: cut off or damaged: chunk '" + printable(name) +
                                         "' claims " + std::to_string(size) + " bytes, " +
                                         std::to_string(left - kHead) + " are left");
    }
    at += kHead + size + size % 2;  // chunks begin at even places; the last may lack its padding
  }
}

}  // namespace braid
