// Bytes of a picture file -> pixels. The format is told by the first bytes, never by the name.
//
// JPEG: baseline, progressive and arithmetic-coded; grey, colour, CMYK and YCCK (read as Adobe
// writes them); 8 bits. PNG: all depths, palettes, interlace. WebP: lossy, lossless, alpha. GIF,
// and WebP and TIFF of several pictures: the first. BMP: all of Windows and OS/2 but embedded
// files. TIFF: what libtiff turns into RGBA. PBM, PGM, PPM. 16 bits become 8; colour profiles and
// gamma are ignored, both as Pillow does. EXIF orientation is applied. A file that is cut or
// damaged is an error, never a partial picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "braid/modality/picture/resize.h"

namespace braid {

struct DecodeOptions {
  uint64_t max_bytes = uint64_t{64} << 20;  // of the file
  int64_t max_pixels = 64'000'000;          // width * height, checked before memory is taken
  // A JPEG may be decoded at 1/2, 1/4 or 1/8 of its size (several times faster) as long as its
  // short side stays at or above this. 0 = always whole.
  int64_t shrink_to = 0;
  // A picture whose short side is longer is resized to this, the long side rounded down; a JPEG's
  // rows as they are decoded. 0 = never.
  int64_t reduce_to = 0;
  ResizeFilter filter = ResizeFilter::kBilinear;
};

// Do the bytes begin as those of a picture do, of a format we read or know by name?
bool is_picture(std::span<const std::byte> bytes);

// RGB, or RGBA where a pixel is not opaque. Throws Error(kLimit) over the limits, Error(kInput) for
// bytes that are empty, damaged, or of a format we do not read (named in the message). Any thread.
Picture decode_image(std::span<const std::byte> bytes, const DecodeOptions& options = {});

}  // namespace braid
