// The header of a BMP file as plain numbers, whichever of its many layouts it has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace braid {

// One channel of a pixel: (pixel & mask) >> shift, 0 .. most.
struct BmpChannel {
  uint32_t mask = 0;
  int shift = 0;
  uint32_t most = 0;
};

struct BmpHeader {
  enum class Packing { kPlain, kRle4, kRle8, kRle24 };

  int64_t width = 0, height = 0;
  bool top_down = false;
  int bits = 0;  // of a pixel
  Packing packing = Packing::kPlain;
  std::array<BmpChannel, 4> channels;           // red, green, blue, alpha; of 16 bits and more
  std::vector<std::array<uint8_t, 3>> palette;  // red, green, blue; 256 entries for up to 8 bits
  size_t pixels = 0;                            // where they begin in the file
};

// Windows (3 to 98: 40, 52, 56, 108, 124 bytes) and OS/2 (12, 16 .. 64 bytes). Throws Error(kInput)
// for what is none of them, cut, or in a packing we do not read.
BmpHeader read_bmp_header(std::span<const std::byte> bytes);

[[noreturn]] void bmp_failed(const std::string& what);

// Little-endian; the caller has checked the range.
uint32_t bmp_u16(std::span<const std::byte> bytes, size_t at);
uint32_t bmp_u32(std::span<const std::byte> bytes, size_t at);

}  // namespace braid
