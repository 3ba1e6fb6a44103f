// The file formats behind decode_image. Callers use decode.h and encode.h.
#pragma once

#include "braid/modality/picture/decode.h"

namespace braid {

struct Decoded {
  Picture picture;
  int orientation = 1;  // EXIF
};

Decoded decode_jpeg(std::span<const std::byte> bytes, const DecodeOptions& options);
Decoded decode_png(std::span<const std::byte> bytes, const DecodeOptions& options);
Decoded decode_webp(std::span<const std::byte> bytes, const DecodeOptions& options);
Decoded decode_gif(std::span<const std::byte> bytes, const DecodeOptions& options);
Decoded decode_bmp(std::span<const std::byte> bytes, const DecodeOptions& options);
Decoded decode_tiff(std::span<const std::byte> bytes, const DecodeOptions& options);
Decoded decode_pnm(std::span<const std::byte> bytes, const DecodeOptions& options);

// Throws Error(kLimit) when width * height is over the limit, Error(kInput) for an empty side.
void check_pixels(int64_t width, int64_t height, const DecodeOptions& options);

// What options.reduce_to makes of a picture of that size.
Size reduced_size(Size size, const DecodeOptions& options);

// RGB where every pixel is opaque, else the picture as it is.
Picture without_idle_alpha(Picture picture);

}  // namespace braid
