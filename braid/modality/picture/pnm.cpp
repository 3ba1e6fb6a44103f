// PBM, PGM and PPM (netpbm), plain and binary, up to 16 bits; of several pictures the first.
#include <algorithm>
#include <cmath>
#include <string>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/modality/picture/codec.h"

namespace braid {
namespace {

[[noreturn]] void pnm_failed(const std::string& what) {
  throw Error(ErrorCode::kInput, "PNM cannot be read: " + what);
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class PnmReader {
 public:
  explicit PnmReader(std::string_view text) : text_(text) {}

  // Decimal digits after blanks and comments (# to the end of the line).
  int64_t number(int64_t most) {
    skip_blanks();
    int64_t value = 0;
    const size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = value * 10 + (text_[at_] - '0');
      if (value > most) pnm_failed("a number over " + std::to_string(most));
    }
    if (at_ == begin) pnm_failed("expected a number at byte " + std::to_string(at_));
    return value;
  }

  // A single 0 or 1; plain PBM needs no blanks between them.
  int64_t bit() {
    skip_blanks();
    if (at_ >= text_.size() || (text_[at_] != '0' && text_[at_] != '1')) {
      pnm_failed("expected 0 or 1 at byte " + std::to_string(at_));
    }
    return text_[at_++] - '0';
  }

  // The bytes behind the one blank that ends the header; at least `size` of them.
  std::string_view raster(int64_t size) {
    if (at_ >= text_.size() || !is_space(text_[at_])) pnm_failed("no blank behind the header");
    const auto rest = text_.substr(at_ + 1);
    if (rest.size() < static_cast<uint64_t>(size)) {
      pnm_failed("expected " + std::to_string(size) + " bytes of pixels, got " +
                 std::to_string(rest.size()));
    }
    return rest;
  }

  // Nothing is allocated for what cannot be there.
  void expect_left(int64_t size) const {
    if (text_.size() - at_ < static_cast<uint64_t>(size)) pnm_failed("it ends too early");
  }

 private:
  void skip_blanks() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ == text_.size()) return;
      } else if (!is_space(text_[at_])) {
        return;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 2;  // behind the magic
};

struct PnmHeader {
  int64_t width, height, channels, most;  // most = the sample that is white
  bool plain, bits;

  int64_t samples() const { return width * height * channels; }
  // Of the pixels; plain samples take a byte each or more.
  int64_t least_bytes() const {
    if (plain) return samples();
    return bits ? (width + 7) / 8 * height : samples() * (most > 255 ? 2 : 1);
  }
};

PnmHeader pnm_header(PnmReader& reader, char kind) {
  PnmHeader head{};
  head.plain = kind <= '3';
  head.bits = kind == '1' || kind == '4';
  head.channels = kind == '3' || kind == '6' ? 3 : 1;
  head.width = reader.number(INT32_MAX);
  head.height = reader.number(INT32_MAX);
  head.most = head.bits ? 1 : reader.number(65535);
  if (head.most == 0) pnm_failed("a maximum of 0");
  return head;
}

// As Pillow: nearest, ties to even.
uint8_t scaled(int64_t value, int64_t most) {
  if (value > most) {
    pnm_failed("a sample of " + std::to_string(value) + " over its maximum of " +
               std::to_string(most));
  }
  if (most == 255) return static_cast<uint8_t>(value);
  return static_cast<uint8_t>(
      std::nearbyint(static_cast<double>(value) / static_cast<double>(most) * 255));
}

// Calls give(sample 0 .. 255) for each sample in order. 1 is black where there is one bit.
template <class Give>
void read_samples(PnmReader& reader, const PnmHeader& head, Give give) {
  const int64_t count = head.samples();
  if (head.plain) {
    for (int64_t i = 0; i < count; ++i) {
      give(head.bits ? static_cast<uint8_t>(255 * (1 - reader.bit()))
                     : scaled(reader.number(65535), head.most));
    }
  } else if (head.bits) {
    const int64_t row_bytes = (head.width + 7) / 8;
    const auto raster = reader.raster(head.least_bytes());
    for (int64_t y = 0; y < head.height; ++y) {
      for (int64_t x = 0; x < head.width; ++x) {
        const auto byte = static_cast<unsigned char>(raster[y * row_bytes + x / 8]);
        give(static_cast<uint8_t>(byte >> (7 - x % 8) & 1 ? 0 : 255));
      }
    }
  } else {
    const bool wide = head.most > 255;
    const auto raster = reader.raster(head.least_bytes());
    const auto byte = [&](int64_t i) { return int64_t{static_cast<unsigned char>(raster[i])}; };
    for (int64_t i = 0; i < count; ++i) {
      give(scaled(wide ? byte(2 * i) << 8 | byte(2 * i + 1) : byte(i), head.most));
    }
  }
}

}  // namespace

Decoded decode_pnm(std::span<const std::byte> bytes, const DecodeOptions& options) {
  const auto text = as_text(bytes);
  PnmReader reader(text);
  const auto head = pnm_header(reader, text[1]);
  check_pixels(head.width, head.height, options);
  reader.expect_left(head.least_bytes());
  auto picture = blank_picture(head.width, head.height, 3);
  uint8_t* to = picture.data.data();
  read_samples(reader, head,
               [&](uint8_t sample) { to = std::fill_n(to, head.channels == 3 ? 1 : 3, sample); });
  return {std::move(picture), 1};
}

}  // namespace braid
