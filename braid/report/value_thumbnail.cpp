#include "braid/report/value_thumbnail.h"

#include "braid/core/error.h"
#include "braid/modality/picture/thumbnail.h"
#include "braid/report/heat_overlay.h"

namespace braid {
namespace {

constexpr int64_t kSide = 128;                      // pixels
constexpr uint64_t kMaxBytes = uint64_t{64} << 20;  // of a picture shown in a page

}  // namespace

Thumbnail thumbnail_or_none(std::span<const std::byte> picture) {
  try {
    return make_thumbnail(picture, kSide);
  } catch (const Error&) {
    return {};  // the page then shows the caption alone
  }
}

Thumbnail fetch_thumbnail(const Value& value) {
  if (value.file.empty()) return {};
  try {
    return thumbnail_or_none(fetch(value, kMaxBytes));
  } catch (const Error&) {
    return {};
  }
}

Thumbnail heat_thumbnail(const Thumbnail& picture, std::span<const double> heat, int64_t rows,
                         int64_t columns) {
  if (picture.bytes.empty()) return {};
  return make_thumbnail(picture_with_heat(decode_image(picture.bytes), heat, rows, columns), kSide);
}

}  // namespace braid
