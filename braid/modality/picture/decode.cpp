#include "braid/modality/picture/decode.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/modality/picture/codec.h"

namespace braid {
namespace {

// A PNG one row high needs several rows of memory beside its pixels.
constexpr int64_t kMaxSide = 1'000'000;

struct Format {
  size_t at;
  std::string_view magic;
  const char* name;
  Decoded (*decode)(std::span<const std::byte> bytes, const DecodeOptions& options);
};

// By content, never by name. Those without a decoder are formats people do have, so that the
// message can say what the file is.
constexpr std::array kFormats = {
    Format{0, "\xff\xd8\xff", "JPEG", decode_jpeg},
    Format{0, "\x89PNG\r\n\x1a\n", "PNG", decode_png},
    Format{8, "WEBP", "WebP", decode_webp},
    Format{0, "GIF87a", "GIF", decode_gif},
    Format{0, "GIF89a", "GIF", decode_gif},
    Format{0, "BM", "BMP", decode_bmp},
    Format{0, std::string_view("II*\0", 4), "TIFF", decode_tiff},
    Format{0, std::string_view("MM\0*", 4), "TIFF", decode_tiff},
    Format{0, std::string_view("II+\0", 4), "TIFF", decode_tiff},  // BigTIFF
    Format{0, std::string_view("MM\0+", 4), "TIFF", decode_tiff},
    Format{4, "ftypavif", "AVIF", nullptr},
    Format{4, "ftyphei", "HEIC", nullptr},
    Format{4, "ftypmif1", "HEIC", nullptr},
    Format{0, std::string_view("\0\0\1\0", 4), "ICO", nullptr},
    Format{0, std::string_view("\0\0\0\x0cjP  ", 8), "JPEG 2000", nullptr},
    Format{0, "\xff\x0a", "JPEG XL", nullptr},
    Format{0, "P7\n", "PAM", nullptr},
    Format{0, "%PDF", "PDF", nullptr},
    Format{0, "<svg", "SVG", nullptr},
    Format{0, "8BPS", "Photoshop", nullptr},
};

constexpr char kExpected[] = "expected JPEG, PNG, WebP, GIF, BMP, TIFF, PBM, PGM or PPM";

// "P1" .. "P6" and a blank or a comment.
bool is_pnm(std::string_view text) {
  return text.size() > 2 && text[0] == 'P' && text[1] >= '1' && text[1] <= '6' &&
         std::string_view(" \t\r\n#").find(text[2]) != std::string_view::npos;
}

std::string first_bytes(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char c : text.substr(0, 8)) {
    hex += hex.empty() ? "" : " ";
    hex += {kDigits[c >> 4], kDigits[c & 15]};
  }
  return hex;
}

const Format* format_of(std::string_view text) {
  for (const auto& format : kFormats) {
    if (text.size() > format.at && text.substr(format.at).starts_with(format.magic)) return &format;
  }
  return nullptr;
}

Decoded decode_any(std::span<const std::byte> bytes, const DecodeOptions& options) {
  const auto text = as_text(bytes);
  if (const auto* format = format_of(text)) {
    if (format->decode) return format->decode(bytes, options);
    throw Error(ErrorCode::kInput,
                std::string(format->name) + " pictures are not supported: " + kExpected);
  }
  if (is_pnm(text)) return decode_pnm(bytes, options);
  throw Error(ErrorCode::kInput, std::string("not a picture: ") + kExpected +
                                     ", the first bytes are " + first_bytes(text));
}

}  // namespace

bool is_picture(std::span<const std::byte> bytes) {
  const auto text = as_text(bytes);
  return format_of(text) || is_pnm(text);
}

void check_pixels(int64_t width, int64_t height, const DecodeOptions& options) {
  const auto size = std::to_string(width) + " x " + std::to_string(height);
  if (width < 1 || height < 1) throw Error(ErrorCode::kInput, "picture of " + size + " pixels");
  if (width > options.max_pixels / height) {
    throw Error(ErrorCode::kLimit, "picture of " + size + " pixels is over the limit of " +
                                       std::to_string(options.max_pixels) + " (max_pixels)");
  }
  if (std::max(width, height) > kMaxSide) {
    throw Error(ErrorCode::kLimit, "picture of " + size + " pixels: a side is over the limit of " +
                                       std::to_string(kMaxSide));
  }
}

Size reduced_size(Size size, const DecodeOptions& options) {
  const int64_t shortest = std::min(size.width, size.height), keep = options.reduce_to;
  if (keep == 0 || shortest <= keep) return size;
  // Rounded down as torchvision does, so that a crop of the kept size is what it would cut.
  return {size.width * keep / shortest, size.height * keep / shortest};
}

Picture without_idle_alpha(Picture picture) {
  if (picture.channels != 4) return picture;
  for (size_t i = 3; i < picture.data.size(); i += 4) {
    if (picture.data[i] != 255) return picture;
  }
  return flatten(picture, {});
}

Picture decode_image(std::span<const std::byte> bytes, const DecodeOptions& options) {
  if (bytes.empty()) {
    throw Error(ErrorCode::kInput, std::string("empty file: ") + kExpected);
  }
  if (bytes.size() > options.max_bytes) {
    throw Error(ErrorCode::kLimit, "picture of " + std::to_string(bytes.size()) +
                                       " bytes is over the limit of " +
                                       std::to_string(options.max_bytes) + " (max_bytes)");
  }
  auto decoded = decode_any(bytes, options);
  auto picture = upright(std::move(decoded.picture), decoded.orientation);
  const auto size = reduced_size({picture.width, picture.height}, options);
  if (size == Size{picture.width, picture.height}) return picture;
  return resize(picture, size, {.filter = options.filter});
}

}  // namespace braid
