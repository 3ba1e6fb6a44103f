#include "braid/modality/picture/resize.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "braid/modality/picture/resampler.h"

namespace braid {

std::span<const char* const> enum_names(ResizeFilter*) {
  static constexpr const char* kNames[] = {"bilinear", "bicubic"};
  return kNames;
}

Picture resize(const PictureView& picture, Size size, const ResizeOptions& options) {
  Resampler resampler({picture.width, picture.height}, picture.channels, size, options);
  const int64_t own = picture.width * picture.channels, end = picture.height * own;
  std::vector<uint8_t> last;  // rows with too little of the picture behind them are read from here
  for (int64_t at = 0; at < end; at += own) {
    const uint8_t* row = picture.data + at;
    if (at + resampler.row_bytes() > end) {
      last.resize(static_cast<size_t>(resampler.row_bytes()));
      std::memcpy(last.data(), row, static_cast<size_t>(own));
      row = last.data();
    }
    resampler.push(row);
  }
  return resampler.take();
}

}  // namespace braid
