// TIFF through libtiff: every layout that its RGBA interface reads; of several pictures the first.
#include <tiffio.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "braid/core/error.h"
#include "braid/modality/picture/codec.h"

namespace braid {
namespace {

static_assert(std::endian::native == std::endian::little, "libtiff packs RGBA into words");

struct TiffSource {
  std::span<const std::byte> bytes;
  uint64_t at = 0;
  std::string message;  // the first complaint
};

TiffSource& tiff_source(thandle_t handle) { return *static_cast<TiffSource*>(handle); }

tmsize_t tiff_take(thandle_t handle, void* to, tmsize_t size) {
  auto& source = tiff_source(handle);
  const uint64_t left = source.bytes.size() - std::min<uint64_t>(source.at, source.bytes.size());
  const auto taken = std::min<uint64_t>(left, static_cast<uint64_t>(size));
  if (taken > 0) std::memcpy(to, source.bytes.data() + source.at, taken);
  source.at += taken;
  return static_cast<tmsize_t>(taken);
}

tmsize_t tiff_give(thandle_t, void*, tmsize_t) { return -1; }

toff_t tiff_seek(thandle_t handle, toff_t offset, int whence) {
  auto& source = tiff_source(handle);
  if (whence == SEEK_SET) source.at = offset;
  if (whence == SEEK_CUR) source.at += offset;
  if (whence == SEEK_END) source.at = source.bytes.size() + offset;
  return source.at;
}

int tiff_close(thandle_t) { return 0; }
toff_t tiff_size(thandle_t handle) { return tiff_source(handle).bytes.size(); }

int tiff_complaint(TIFF*, void* source, const char*, const char* format, va_list arguments) {
  auto& message = static_cast<TiffSource*>(source)->message;
  char text[256] = {};
  std::vsnprintf(text, sizeof text, format, arguments);
  if (message.empty()) message = text;
  return 1;  // not to be printed
}

int tiff_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

[[noreturn]] void tiff_failed(const std::string& what) {
  throw Error(ErrorCode::kInput, "TIFF cannot be read: " + what);
}

struct TiffClose {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};
using TiffHandle = std::unique_ptr<TIFF, TiffClose>;

TiffHandle open_tiff(TiffSource& source, const DecodeOptions& limits) {
  const std::unique_ptr<TIFFOpenOptions, TiffClose> options(TIFFOpenOptionsAlloc());
  if (!options) throw Error(ErrorCode::kLimit, "TIFF: out of memory");
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), tiff_complaint, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), tiff_warning, nullptr);
  // One strip may be the whole picture, in 16 bits and four channels.
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), limits.max_pixels * 8 + (1 << 20));
  // r: read; m: no memory mapping of a file that is memory already.
  TiffHandle tiff(TIFFClientOpenExt("picture", "rm", &source, tiff_take, tiff_give, tiff_seek,
                                    tiff_close, tiff_size, nullptr, nullptr, options.get()));
  if (!tiff) tiff_failed(source.message);
  return tiff;
}

uint32_t tiff_number(TIFF* tiff, uint32_t tag) {
  uint32_t value = 0;
  TIFFGetField(tiff, tag, &value);
  return value;
}

uint16_t tiff_short(TIFF* tiff, uint32_t tag) {
  uint16_t value = 0;
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

// Old-style JPEG never had one meaning; tiles may be far larger than the picture they hold.
void check_tiff(TIFF* tiff, const DecodeOptions& options) {
  check_pixels(tiff_number(tiff, TIFFTAG_IMAGEWIDTH), tiff_number(tiff, TIFFTAG_IMAGELENGTH),
               options);
  if (tiff_short(tiff, TIFFTAG_COMPRESSION) == COMPRESSION_OJPEG) {
    tiff_failed("old-style JPEG compression is not supported");
  }
  if (TIFFIsTiled(tiff)) {
    check_pixels(tiff_number(tiff, TIFFTAG_TILEWIDTH), tiff_number(tiff, TIFFTAG_TILELENGTH),
                 options);
  }
}

struct TiffPixels {
  TIFFRGBAImage image{};
  bool open = false;

  TiffPixels() = default;
  TiffPixels(const TiffPixels&) = delete;
  TiffPixels& operator=(const TiffPixels&) = delete;
  ~TiffPixels() {
    if (open) TIFFRGBAImageEnd(&image);
  }
};

// libtiff multiplies colours by alpha.
void divide_alpha(Picture& picture) {
  for (size_t i = 0; i < picture.data.size(); i += 4) {
    const unsigned alpha = picture.data[i + 3];
    if (alpha == 0 || alpha == 255) continue;
    for (size_t c = 0; c < 3; ++c) {
      const unsigned value = (picture.data[i + c] * 255u + alpha / 2) / alpha;
      picture.data[i + c] = static_cast<uint8_t>(std::min(value, 255u));
    }
  }
}

}  // namespace

Decoded decode_tiff(std::span<const std::byte> bytes, const DecodeOptions& options) {
  TiffSource source{bytes, 0, {}};
  const auto tiff = open_tiff(source, options);
  check_tiff(tiff.get(), options);
  TiffPixels pixels;
  char reason[1024] = {};
  if (!TIFFRGBAImageBegin(&pixels.image, tiff.get(), 1, reason)) tiff_failed(reason);
  pixels.open = true;
  // Rows as the file stores them; the orientation is applied where EXIF's is.
  const int orientation = tiff_short(tiff.get(), TIFFTAG_ORIENTATION);
  pixels.image.req_orientation = pixels.image.orientation;
  auto picture = blank_picture(pixels.image.width, pixels.image.height, 4);
  if (!TIFFRGBAImageGet(&pixels.image, reinterpret_cast<uint32_t*>(picture.data.data()),
                        pixels.image.width, pixels.image.height)) {
    tiff_failed(source.message.empty() ? "the file is damaged or cut" : source.message);
  }
  if (pixels.image.alpha != 0) divide_alpha(picture);
  return {without_idle_alpha(std::move(picture)), orientation};
}

}  // namespace braid
