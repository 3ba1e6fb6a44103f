#include "braid/modality/picture/exif.h"

#include <cstdint>
#include <cstring>

namespace braid {
namespace {

// Bounded reads in the byte order of the block; past the end gives 0.
class TiffReader {
 public:
  TiffReader(std::span<const std::byte> bytes, bool little) : bytes_(bytes), little_(little) {}

  uint32_t u16(uint64_t at) const { return number(at, 2); }
  uint32_t u32(uint64_t at) const { return number(at, 4); }

 private:
  uint32_t number(uint64_t at, unsigned size) const {
    if (at + size > bytes_.size()) return 0;
    uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
      const unsigned shift = 8 * (little_ ? i : size - 1 - i);
      value |= static_cast<uint32_t>(bytes_[at + i]) << shift;
    }
    return value;
  }

  std::span<const std::byte> bytes_;
  bool little_;
};

}  // namespace

int exif_orientation(std::span<const std::byte> tiff) {
  if (tiff.size() < 14) return 1;
  const bool little = std::memcmp(tiff.data(), "II*\0", 4) == 0;
  if (!little && std::memcmp(tiff.data(), "MM\0*", 4) != 0) return 1;
  const TiffReader reader(tiff, little);
  const uint64_t directory = reader.u32(4);
  const uint32_t entries = reader.u16(directory);
  for (uint32_t i = 0; i < entries; ++i) {
    const uint64_t entry = directory + 2 + 12ull * i;
    if (entry + 12 > tiff.size()) break;
    if (reader.u16(entry) != 0x0112) continue;
    const uint32_t value = reader.u16(entry + 2) == 3 ? reader.u16(entry + 8) : 1;
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace braid
