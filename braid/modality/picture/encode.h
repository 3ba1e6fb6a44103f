// Pixels -> the bytes of a picture file.
#pragma once

#include "braid/core/file.h"
#include "braid/modality/picture/picture.h"

namespace braid {

// RGB or RGBA, 8 bits, not interlaced.
Bytes encode_png(const PictureView& picture);

// RGB only; quality 1 .. 100. Throws Error(kInput) for a picture with alpha: flatten it first.
Bytes encode_jpeg(const PictureView& picture, int quality = 85);

}  // namespace braid
