// A picture in memory: rows of interleaved 8-bit samples, top row first.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace braid {

using Colour = std::array<uint8_t, 3>;  // red, green, blue

struct Picture {
  int64_t width = 0;
  int64_t height = 0;
  int64_t channels = 3;       // 3 = RGB, 4 = RGB and straight (not premultiplied) alpha
  std::vector<uint8_t> data;  // [height, width, channels]
};

// Someone else's pixels, dense. Valid as long as they are.
struct PictureView {
  const uint8_t* data = nullptr;
  int64_t width = 0;
  int64_t height = 0;
  int64_t channels = 3;

  PictureView(const uint8_t* data, int64_t width, int64_t height, int64_t channels)
      : data(data), width(width), height(height), channels(channels) {}
  PictureView(const Picture& picture)  // NOLINT: a picture is a view of itself
      : PictureView(picture.data.data(), picture.width, picture.height, picture.channels) {}
};

// [height, width, channels], all zero.
Picture blank_picture(int64_t width, int64_t height, int64_t channels);

// Lays a picture with alpha over one colour; RGB is copied. Rounds to nearest.
Picture flatten(const PictureView& picture, const Colour& background);

// Turns and mirrors as the EXIF orientation 1 .. 8 says, so that the top comes first.
Picture upright(Picture picture, int orientation);

}  // namespace braid
