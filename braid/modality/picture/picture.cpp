#include "braid/modality/picture/picture.h"

#include <cstring>
#include <utility>

#include "braid/kernel/over_colour.h"

namespace braid {

Picture blank_picture(int64_t width, int64_t height, int64_t channels) {
  return {width, height, channels,
          std::vector<uint8_t>(static_cast<size_t>(width * height * channels))};
}

Picture flatten(const PictureView& picture, const Colour& background) {
  auto out = blank_picture(picture.width, picture.height, 3);
  if (picture.channels == 3) {
    std::memcpy(out.data.data(), picture.data, out.data.size());
    return out;
  }
  over_colour(picture.data, picture.width * picture.height, background, out.data.data());
  return out;
}

Picture upright(Picture picture, int orientation) {
  if (orientation <= 1 || orientation > 8) return picture;
  const int64_t w = picture.width, h = picture.height, c = picture.channels;
  const bool transposed = orientation >= 5;
  auto out = transposed ? blank_picture(h, w, c) : blank_picture(w, h, c);
  // EXIF counts where row 0 and column 0 of the file belong: 3, 4, 7 and 6 read the file's rows
  // from the bottom, 2, 3, 7 and 8 its columns from the right.
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  uint8_t* to = out.data.data();
  for (int64_t y = 0; y < out.height; ++y) {
    for (int64_t x = 0; x < out.width; ++x, to += c) {
      const int64_t column = transposed ? y : x, row = transposed ? x : y;
      const int64_t sx = from_right ? w - 1 - column : column;
      const int64_t sy = from_bottom ? h - 1 - row : row;
      std::memcpy(to, picture.data.data() + (sy * w + sx) * c, static_cast<size_t>(c));
    }
  }
  return out;
}

}  // namespace braid
