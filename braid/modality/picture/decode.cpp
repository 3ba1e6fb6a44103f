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

struct Magic {
  size_t at;
  std::string_view bytes;
  const char* format;
};

// Formats people do have, so that the message can say what the file is.
constexpr std::array<Magic, 14> kUnsupported = {{
    {8, "WEBP", "WebP"},
    {0, "GIF8", "GIF"},
    {0, "BM", "BMP"},
    {0, std::string_view("II*\0", 4), "TIFF"},
    {0, std::string_view("MM\0*", 4), "TIFF"},
    {4, "ftypavif", "AVIF"},
    {4, "ftyphei", "HEIC"},
    {4, "ftypmif1", "HEIC"},
    {0, std::string_view("\0\0\1\0", 4), "ICO"},
    {0, std::string_view("\0\0\0\x0cjP  ", 8), "JPEG 2000"},
    {0, std::string_view("\xff\x0a", 2), "JPEG XL"},
    {0, "%PDF", "PDF"},
    {0, "<svg", "SVG"},
    {0, "8BPS", "Photoshop"},
}};

std::string first_bytes(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char c : text.substr(0, 8)) {
    hex += hex.empty() ? "" : " ";
    hex += {kDigits[c >> 4], kDigits[c & 15]};
  }
  return hex;
}

[[noreturn]] void refuse_format(std::string_view text) {
  for (const auto& magic : kUnsupported) {
    if (text.size() > magic.at && text.substr(magic.at, magic.bytes.size()) == magic.bytes) {
      throw Error(ErrorCode::kInput, std::string(magic.format) +
                                         " pictures are not supported yet: expected JPEG or PNG");
    }
  }
  throw Error(ErrorCode::kInput,
              "not a picture: expected JPEG or PNG, the first bytes are " + first_bytes(text));
}

}  // namespace

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

Picture decode_image(std::span<const std::byte> bytes, const DecodeOptions& options) {
  if (bytes.empty()) throw Error(ErrorCode::kInput, "empty file: expected JPEG or PNG");
  if (bytes.size() > options.max_bytes) {
    throw Error(ErrorCode::kLimit, "picture of " + std::to_string(bytes.size()) +
                                       " bytes is over the limit of " +
                                       std::to_string(options.max_bytes) + " (max_bytes)");
  }
  const auto text = as_text(bytes);
  Decoded decoded;
  if (text.starts_with("\xff\xd8\xff")) {
    decoded = decode_jpeg(bytes, options);
  } else if (text.starts_with("\x89PNG\r\n\x1a\n")) {
    decoded = decode_png(bytes, options);
  } else {
    refuse_format(text);
  }
  return upright(std::move(decoded.picture), decoded.orientation);
}

}  // namespace braid
