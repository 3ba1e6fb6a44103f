// The two file formats behind decode_image. Callers use decode.h and encode.h.
#pragma once

#include "braid/modality/picture/decode.h"

namespace braid {

struct Decoded {
  Picture picture;
  int orientation = 1;  // EXIF
};

Decoded decode_jpeg(std::span<const std::byte> bytes, const DecodeOptions& options);
Decoded decode_png(std::span<const std::byte> bytes, const DecodeOptions& options);

// Throws Error(kLimit) when width * height is over the limit, Error(kInput) for an empty side.
void check_pixels(int64_t width, int64_t height, const DecodeOptions& options);

}  // namespace braid
