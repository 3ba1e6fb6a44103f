#include "braid/modality/picture/thumbnail.h"

#include <algorithm>

#include "braid/modality/picture/encode.h"
#include "braid/modality/picture/resize.h"

namespace braid {

Thumbnail make_thumbnail(std::span<const std::byte> bytes, int64_t side,
                         const DecodeOptions& options) {
  auto reduced = options;
  reduced.shrink_to = std::max<int64_t>(1, side);
  auto picture = decode_image(bytes, reduced);
  const int64_t longest = std::max(picture.width, picture.height);
  if (longest > side) {
    const auto scaled = [&](int64_t n) {
      return std::max<int64_t>(1, (n * side + longest / 2) / longest);
    };
    picture = resize(picture, {scaled(picture.width), scaled(picture.height)});
  }
  if (picture.channels == 4) return {"image/png", encode_png(picture)};
  return {"image/jpeg", encode_jpeg(picture)};
}

}  // namespace braid
