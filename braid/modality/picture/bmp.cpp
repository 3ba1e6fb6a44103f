// BMP: plain, palette, masked and run-length pixels, of Windows and OS/2.
#include <algorithm>
#include <string>

#include "braid/modality/picture/bmp_header.h"
#include "braid/modality/picture/codec.h"

namespace braid {
namespace {

using Packing = BmpHeader::Packing;

uint8_t channel_value(const BmpChannel& channel, uint32_t pixel) {
  if (channel.most == 0) return 0;
  // Rounded down, as Pillow does.
  return static_cast<uint8_t>(uint64_t{(pixel & channel.mask) >> channel.shift} * 255 /
                              channel.most);
}

uint8_t* row_of(const BmpHeader& head, Picture& out, int64_t from_first) {
  const int64_t y = head.top_down ? from_first : head.height - 1 - from_first;
  return out.data.data() + y * out.width * out.channels;
}

void read_palette_row(const BmpHeader& head, const std::byte* row, uint8_t* to) {
  const int per_byte = 8 / head.bits;
  const uint32_t mask = (1u << head.bits) - 1;
  for (int64_t x = 0; x < head.width; ++x) {
    const int shift = 8 - head.bits * static_cast<int>(x % per_byte + 1);
    const uint32_t index = static_cast<uint32_t>(row[x / per_byte]) >> shift & mask;
    to = std::copy_n(head.palette[index].data(), 3, to);
  }
}

void read_masked_row(const BmpHeader& head, std::span<const std::byte> row, int channels,
                     uint8_t* to) {
  for (int64_t x = 0; x < head.width; ++x) {
    const uint32_t pixel = head.bits == 16 ? bmp_u16(row, static_cast<size_t>(2 * x))
                                           : bmp_u32(row, static_cast<size_t>(4 * x));
    for (int c = 0; c < channels; ++c) *to++ = channel_value(head.channels[c], pixel);
  }
}

void read_colour_row(const BmpHeader& head, const std::byte* row, uint8_t* to) {
  for (int64_t x = 0; x < head.width; ++x, row += 3, to += 3) {
    for (int c = 0; c < 3; ++c) to[c] = static_cast<uint8_t>(row[2 - c]);
  }
}

// Rows of a multiple of four bytes.
int64_t plain_row_bytes(const BmpHeader& head) { return (head.width * head.bits + 31) / 32 * 4; }

void check_plain_size(const BmpHeader& head, size_t left) {
  // The last row may lack its filling.
  const int64_t last = (head.width * head.bits + 7) / 8;
  const auto wanted = static_cast<uint64_t>(plain_row_bytes(head) * (head.height - 1) + last);
  if (left < wanted) {
    bmp_failed("expected " + std::to_string(wanted) + " bytes of pixels, got " +
               std::to_string(left));
  }
}

void read_plain(const BmpHeader& head, std::span<const std::byte> pixels, Picture& out) {
  for (int64_t y = 0; y < head.height; ++y) {
    const auto row = pixels.subspan(static_cast<size_t>(y * plain_row_bytes(head)));
    auto* to = row_of(head, out, y);
    if (head.bits <= 8) {
      read_palette_row(head, row.data(), to);
    } else if (head.bits == 24) {
      read_colour_row(head, row.data(), to);
    } else {
      read_masked_row(head, row, static_cast<int>(out.channels), to);
    }
  }
}

// Runs, absolute stretches, jumps; what they skip keeps colour 0 of the palette (black in RLE24).
class BmpRuns {
 public:
  BmpRuns(const BmpHeader& head, std::span<const std::byte> bytes, Picture& out)
      : head_(head), bytes_(bytes), out_(out) {}

  void read() {
    if (head_.packing != Packing::kRle24) fill_background();
    while (true) {
      const uint32_t count = next(), value = count > 0 ? 0 : next();
      if (count > 0) {
        run(count);
      } else if (value == 0) {
        x_ = 0, ++y_;
      } else if (value == 1) {
        return;
      } else if (value == 2) {
        const uint32_t right = next(), up = next();
        x_ += right, y_ += up;
      } else {
        stretch(value);
      }
    }
  }

 private:
  using Rgb = std::array<uint8_t, 3>;

  uint32_t next() {
    if (at_ >= bytes_.size()) bmp_failed("it ends before its pixels do");
    return static_cast<uint32_t>(bytes_[at_++]);
  }

  Rgb next_colour() {
    const auto blue = static_cast<uint8_t>(next()), green = static_cast<uint8_t>(next());
    return {static_cast<uint8_t>(next()), green, blue};
  }

  void put(const Rgb& colour) {
    if (x_ >= head_.width || y_ >= head_.height) bmp_failed("a run leaves the picture");
    std::copy_n(colour.data(), 3, row_of(head_, out_, y_) + 3 * x_++);
  }

  void run(uint32_t count) {
    if (head_.packing == Packing::kRle24) {
      for (const auto colour = next_colour(); count > 0; --count) put(colour);
      return;
    }
    const uint32_t value = next();
    for (uint32_t i = 0; i < count; ++i) put(head_.palette[index(value, i)]);
  }

  // `count` pixels one by one, filled up to an even number of bytes.
  void stretch(uint32_t count) {
    const size_t begin = at_;
    uint32_t value = 0;
    for (uint32_t i = 0; i < count; ++i) {
      if (head_.packing == Packing::kRle24) {
        put(next_colour());
        continue;
      }
      if (head_.packing == Packing::kRle8 || i % 2 == 0) value = next();
      put(head_.palette[index(value, i)]);
    }
    if ((at_ - begin) % 2 == 1) next();
  }

  // RLE4 takes the two halves of a byte in turn.
  uint32_t index(uint32_t value, uint32_t i) const {
    if (head_.packing == Packing::kRle8) return value;
    return i % 2 == 0 ? value >> 4 : value & 15;
  }

  void fill_background() {
    for (size_t i = 0; i < out_.data.size(); i += 3) {
      std::copy_n(head_.palette[0].data(), 3, out_.data.data() + i);
    }
  }

  const BmpHeader& head_;
  std::span<const std::byte> bytes_;
  Picture& out_;
  size_t at_ = 0;
  int64_t x_ = 0, y_ = 0;
};

// Many writers set the mask of an alpha that they leave at 0: nobody means an invisible picture.
void drop_empty_alpha(Picture& picture) {
  if (picture.channels != 4) return;
  auto& data = picture.data;
  for (size_t i = 3; i < data.size(); i += 4) {
    if (data[i] != 0) return;
  }
  for (size_t i = 3; i < data.size(); i += 4) data[i] = 255;
}

}  // namespace

Decoded decode_bmp(std::span<const std::byte> bytes, const DecodeOptions& options) {
  const auto head = read_bmp_header(bytes);
  check_pixels(head.width, head.height, options);
  const auto pixels = bytes.subspan(head.pixels);
  if (head.packing == Packing::kPlain) check_plain_size(head, pixels.size());
  const bool alpha = head.bits > 8 && head.bits != 24 && head.channels[3].mask != 0;
  auto picture = blank_picture(head.width, head.height, alpha ? 4 : 3);
  if (head.packing == Packing::kPlain) {
    read_plain(head, pixels, picture);
  } else {
    BmpRuns(head, pixels, picture).read();
  }
  drop_empty_alpha(picture);
  return {without_idle_alpha(std::move(picture)), 1};
}

}  // namespace braid
