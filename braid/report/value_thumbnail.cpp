#include "braid/report/value_thumbnail.h"

#include "braid/core/error.h"
#include "braid/modality/picture/thumbnail.h"

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

}  // namespace braid
