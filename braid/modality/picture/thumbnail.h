// Small copies of pictures for reports and pages.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "braid/core/file.h"
#include "braid/modality/picture/decode.h"

namespace braid {

struct Thumbnail {
  std::string mime;  // "image/jpeg", or "image/png" for a picture with alpha
  Bytes bytes;
};

// The whole picture, its long side at most `side` pixels; smaller pictures keep their size.
// Throws as decode_image.
Thumbnail make_thumbnail(std::span<const std::byte> bytes, int64_t side,
                         const DecodeOptions& options = {});

}  // namespace braid
