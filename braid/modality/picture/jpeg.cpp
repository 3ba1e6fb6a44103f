// JPEG through libturbojpeg.
//
// The decoder is told to stop at its first warning: what libjpeg calls a warning ("premature end of
// JPEG file", "bad Huffman code") means grey blocks where the picture should be.
#include <turbojpeg.h>

#include <memory>
#include <string>
#include <string_view>

#include "braid/core/error.h"
#include "braid/modality/picture/codec.h"
#include "braid/modality/picture/encode.h"
#include "braid/modality/picture/exif.h"

namespace braid {
namespace {

struct JpegClose {
  void operator()(void* handle) const { tjDestroy(handle); }
  void operator()(unsigned char* bytes) const { tjFree(bytes); }
};
using JpegHandle = std::unique_ptr<void, JpegClose>;

[[noreturn]] void jpeg_failed(tjhandle handle) {
  throw Error(ErrorCode::kInput, std::string("JPEG cannot be read: ") + tjGetErrorStr2(handle));
}

JpegHandle open_jpeg(tjhandle handle) {
  if (!handle) throw Error(ErrorCode::kLimit, "JPEG: out of memory");
  return JpegHandle(handle);
}

tjscalingfactor reduction(int width, int height, int64_t shrink_to) {
  tjscalingfactor best{1, 1};
  for (const int denominator : {2, 4, 8}) {
    const tjscalingfactor factor{1, denominator};
    const int64_t side = std::min(TJSCALED(width, factor), TJSCALED(height, factor));
    if (shrink_to > 0 && side >= shrink_to) best = factor;
  }
  return best;
}

// Some cameras pad the end of the file. By then every block has been read without a warning.
bool harmless(tjhandle handle) {
  return tjGetErrorCode(handle) == TJERR_WARNING &&
         std::string_view(tjGetErrorStr2(handle)).find("extraneous bytes before marker 0xd9") !=
             std::string_view::npos;
}

void read_pixels(tjhandle handle, std::span<const std::byte> bytes, int format, Picture& out) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto decode = [&](int flags) {
    // LIMITSCANS: a small progressive file can otherwise ask for hours of work.
    return tjDecompress2(handle, data, bytes.size(), out.data.data(), static_cast<int>(out.width),
                         0, static_cast<int>(out.height), format, flags | TJFLAG_LIMITSCANS);
  };
  if (decode(TJFLAG_STOPONWARNING) == 0) return;
  if (!harmless(handle)) jpeg_failed(handle);
  if (decode(0) != 0 && tjGetErrorCode(handle) != TJERR_WARNING) jpeg_failed(handle);
}

// Adobe stores CMYK inverted: a sample of 255 is no ink. Same arithmetic as Pillow.
Picture cmyk_to_rgb(const Picture& cmyk) {
  auto out = blank_picture(cmyk.width, cmyk.height, 3);
  const uint8_t* from = cmyk.data.data();
  for (size_t i = 0; i < out.data.size(); i += 3, from += 4) {
    const int light = from[3];
    for (int c = 0; c < 3; ++c) {
      const int ink = (255 - from[c]) * light + 128;
      out.data[i + c] = static_cast<uint8_t>(std::max(0, light - ((ink + (ink >> 8)) >> 8)));
    }
  }
  return out;
}

}  // namespace

Decoded decode_jpeg(std::span<const std::byte> bytes, const DecodeOptions& options) {
  const auto handle = open_jpeg(tjInitDecompress());
  int width = 0, height = 0, subsampling = 0, space = 0;
  if (tjDecompressHeader3(handle.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                          bytes.size(), &width, &height, &subsampling, &space) != 0) {
    jpeg_failed(handle.get());
  }
  check_pixels(width, height, options);
  const auto factor = reduction(width, height, options.shrink_to);
  const bool inks = space == TJCS_CMYK || space == TJCS_YCCK;
  auto picture = blank_picture(TJSCALED(width, factor), TJSCALED(height, factor), inks ? 4 : 3);
  read_pixels(handle.get(), bytes, inks ? TJPF_CMYK : TJPF_RGB, picture);
  if (inks) picture = cmyk_to_rgb(picture);
  return {std::move(picture), exif_orientation(jpeg_exif(bytes))};
}

Bytes encode_jpeg(const PictureView& picture, int quality) {
  if (picture.channels != 3) {
    throw Error(ErrorCode::kInput,
                "JPEG has no alpha: expected 3 channels, got " + std::to_string(picture.channels));
  }
  const auto handle = open_jpeg(tjInitCompress());
  unsigned char* out = nullptr;
  unsigned long size = 0;
  const int status =
      tjCompress2(handle.get(), picture.data, static_cast<int>(picture.width), 0,
                  static_cast<int>(picture.height), TJPF_RGB, &out, &size, TJSAMP_420, quality, 0);
  const std::unique_ptr<unsigned char, JpegClose> owner(out);
  if (status != 0) {
    throw Error(ErrorCode::kInput,
                std::string("JPEG cannot be written: ") + tjGetErrorStr2(handle.get()));
  }
  const auto* begin = reinterpret_cast<const std::byte*>(out);
  return Bytes(begin, begin + size);
}

}  // namespace braid
