#include "braid/modality/picture/bmp_header.h"

#include <algorithm>
#include <bit>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr size_t kFileHeader = 14;
constexpr size_t kCoreHeader = 12;    // OS/2 1
constexpr size_t kInfoHeader = 40;    // Windows 3
constexpr size_t kLargestOs2 = 64;    // OS/2 2
constexpr size_t kLargestInfo = 124;  // Windows 98

// The field `compression`. OS/2 2 gives 3 and 4 another meaning.
enum Compression : uint32_t { kRgb = 0, kRle8 = 1, kRle4 = 2, kMasks = 3, kRle24 = 4, kMasks4 = 6 };

struct Layout {
  size_t header = 0;  // bytes behind the file header
  bool os2 = false;   // OS/2 2
  uint32_t compression = kRgb;
  uint32_t colours = 0;  // palette entries, 0 = as many as the bits allow
  size_t palette = 0;    // where it begins
};

BmpChannel channel_of(uint32_t mask) {
  if (mask == 0) return {};
  const int shift = std::countr_zero(mask);
  const uint32_t most = mask >> shift;
  if ((most & (most + 1)) != 0) bmp_failed("a channel whose bits do not lie together");
  return {mask, shift, most};
}

void read_size(std::span<const std::byte> bytes, const Layout& layout, BmpHeader& out) {
  if (layout.header == kCoreHeader) {
    out.width = bmp_u16(bytes, kFileHeader + 4);
    out.height = bmp_u16(bytes, kFileHeader + 6);
    out.bits = static_cast<int>(bmp_u16(bytes, kFileHeader + 10));
    return;
  }
  out.width = static_cast<int32_t>(bmp_u32(bytes, kFileHeader + 4));
  out.height = static_cast<int32_t>(bmp_u32(bytes, kFileHeader + 8));
  out.top_down = out.height < 0;
  out.height = out.top_down ? -out.height : out.height;
  out.bits = static_cast<int>(bmp_u16(bytes, kFileHeader + 14));
}

Layout read_layout(std::span<const std::byte> bytes) {
  if (bytes.size() < kFileHeader + kCoreHeader) bmp_failed("it ends in its header");
  Layout layout;
  layout.header = bmp_u32(bytes, kFileHeader);
  layout.os2 = layout.header == 16 || (layout.header > kInfoHeader && layout.header == kLargestOs2);
  const bool known = layout.header == kCoreHeader || layout.header == 16 ||
                     (layout.header >= kInfoHeader && layout.header <= kLargestInfo);
  if (!known) bmp_failed("a header of " + std::to_string(layout.header) + " bytes");
  if (bytes.size() < kFileHeader + layout.header) bmp_failed("it ends in its header");
  layout.palette = kFileHeader + layout.header;
  if (layout.header >= kInfoHeader) {
    layout.compression = bmp_u32(bytes, kFileHeader + 16);
    layout.colours = bmp_u32(bytes, kFileHeader + 32);
  }
  return layout;
}

BmpHeader::Packing packing_of(const Layout& layout, int bits) {
  using Packing = BmpHeader::Packing;
  const auto has = [&](uint32_t compression, int wanted) {
    return layout.compression == compression && bits == wanted;
  };
  if (layout.compression == kRgb) {
    for (const int known : {1, 2, 4, 8, 16, 24, 32}) {
      if (bits == known) return Packing::kPlain;
    }
  }
  if (has(kRle8, 8)) return Packing::kRle8;
  if (has(kRle4, 4)) return Packing::kRle4;
  if (layout.os2 && has(kRle24, 24)) return Packing::kRle24;
  const bool masks = layout.compression == kMasks || layout.compression == kMasks4;
  if (masks && !layout.os2 && (bits == 16 || bits == 32)) return Packing::kPlain;
  bmp_failed(std::to_string(bits) + " bits a pixel in compression " +
             std::to_string(layout.compression) +
             " are not supported: expected plain, run-length or masked pixels");
}

// Behind the 40 bytes of a Windows 3 header, or inside the longer ones: the same place.
void read_masks(std::span<const std::byte> bytes, Layout& layout, BmpHeader& out) {
  std::array<uint32_t, 4> masks = {0xff0000, 0xff00, 0xff, 0};
  if (out.bits == 16) masks = {0x7c00, 0x3e0, 0x1f, 0};
  if (layout.compression == kMasks || layout.compression == kMasks4) {
    const bool alpha = layout.compression == kMasks4 || layout.header >= kInfoHeader + 16;
    const size_t count = alpha ? 4 : 3;
    const size_t begin = kFileHeader + kInfoHeader;
    if (bytes.size() < begin + 4 * count) bmp_failed("it ends in its header");
    for (size_t i = 0; i < count; ++i) masks[i] = bmp_u32(bytes, begin + 4 * i);
    layout.palette = std::max(layout.palette, begin + 4 * count);
  }
  for (size_t i = 0; i < 4; ++i) {
    if (out.bits == 16) masks[i] &= 0xffff;
    out.channels[i] = channel_of(masks[i]);
  }
}

// What lies between header and pixels, up to 2^bits entries; the rest, as in Pillow, is black.
void read_palette(std::span<const std::byte> bytes, const Layout& layout, BmpHeader& out) {
  const size_t entry = layout.header == kCoreHeader ? 3 : 4;
  const size_t most = size_t{1} << out.bits;
  const size_t end = std::min(out.pixels, bytes.size());
  size_t count = end > layout.palette ? (end - layout.palette) / entry : 0;
  count = std::min({count, most, layout.colours > 0 ? size_t{layout.colours} : most});
  out.palette.assign(256, {0, 0, 0});
  for (size_t i = 0; i < count; ++i) {
    const size_t at = layout.palette + i * entry;
    for (size_t c = 0; c < 3; ++c) out.palette[i][c] = static_cast<uint8_t>(bytes[at + 2 - c]);
  }
}

}  // namespace

void bmp_failed(const std::string& what) {
  throw Error(ErrorCode::kInput, "BMP cannot be read: " + what);
}

uint32_t bmp_u16(std::span<const std::byte> bytes, size_t at) {
  return static_cast<uint32_t>(bytes[at]) | static_cast<uint32_t>(bytes[at + 1]) << 8;
}

uint32_t bmp_u32(std::span<const std::byte> bytes, size_t at) {
  return bmp_u16(bytes, at) | bmp_u16(bytes, at + 2) << 16;
}

BmpHeader read_bmp_header(std::span<const std::byte> bytes) {
  auto layout = read_layout(bytes);
  BmpHeader out;
  read_size(bytes, layout, out);
  out.packing = packing_of(layout, out.bits);
  if (out.top_down && out.packing != BmpHeader::Packing::kPlain) {
    bmp_failed("run lengths from the top down");
  }
  read_masks(bytes, layout, out);
  out.pixels = bmp_u32(bytes, 10);
  if (out.pixels < layout.palette || out.pixels > bytes.size()) {
    bmp_failed("pixels at byte " + std::to_string(out.pixels) + " of " +
               std::to_string(bytes.size()));
  }
  if (out.bits <= 8) read_palette(bytes, layout, out);
  return out;
}

}  // namespace braid
