#include "braid/modality/picture/frame.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace braid {
namespace {

struct Region {
  double left, top, width, height;
};

// Rounding to single precision must not leave the picture.
Box box_of(const Region& region, const PictureView& picture) {
  const auto right = static_cast<float>(region.left + region.width);
  const auto bottom = static_cast<float>(region.top + region.height);
  return {static_cast<float>(region.left), static_cast<float>(region.top),
          std::min(right, static_cast<float>(picture.width)),
          std::min(bottom, static_cast<float>(picture.height))};
}

Picture squash(const PictureView& picture, const Region& region, const Frame& frame) {
  return resize(picture, {frame.side, frame.side},
                {.filter = frame.filter, .box = box_of(region, picture)});
}

Picture pad(const PictureView& picture, const Region& region, const Frame& frame) {
  const double scale = static_cast<double>(frame.side) / std::max(region.width, region.height);
  const Size size{std::clamp<int64_t>(std::llround(region.width * scale), 1, frame.side),
                  std::clamp<int64_t>(std::llround(region.height * scale), 1, frame.side)};
  const auto inner =
      resize(picture, size, {.filter = frame.filter, .box = box_of(region, picture)});
  auto out = blank_picture(frame.side, frame.side, 3);
  for (size_t i = 0; i < out.data.size(); ++i) out.data[i] = frame.background[i % 3];
  const int64_t left = (frame.side - size.width) / 2, top = (frame.side - size.height) / 2;
  for (int64_t y = 0; y < size.height; ++y) {
    std::memcpy(out.data.data() + ((top + y) * frame.side + left) * 3,
                inner.data.data() + y * size.width * 3, static_cast<size_t>(size.width * 3));
  }
  return out;
}

Picture middle(const PictureView& picture, const Frame& frame) {
  const int64_t shortest = std::min(picture.width, picture.height);
  const Size size{frame.side * picture.width / shortest, frame.side * picture.height / shortest};
  const auto half = [&](int64_t length) {  // Python's round: ties to even
    return static_cast<int64_t>(std::nearbyint(static_cast<double>(length - frame.side) / 2));
  };
  return resize(picture, size,
                {.filter = frame.filter,
                 .window = Window{half(size.width), half(size.height), frame.side, frame.side}});
}

Region draw_region(const PictureView& picture, double aspect, const CropRange& range, Rng& rng) {
  const auto w = static_cast<double>(picture.width), h = static_cast<double>(picture.height);
  double width = 0, height = 0;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = w * h * rng.uniform(range.low_scale, range.high_scale);
    const double ratio =
        aspect * std::exp(rng.uniform(std::log(range.low_ratio), std::log(range.high_ratio)));
    width = std::sqrt(area * ratio);
    height = std::sqrt(area / ratio);
    if (width <= w && height <= h) break;
  }
  const double shrink = std::min({1.0, w / width, h / height});
  width = std::clamp(width * shrink, std::min(1.0, w), w);
  height = std::clamp(height * shrink, std::min(1.0, h), h);
  return {rng.uniform(0, w - width), rng.uniform(0, h - height), width, height};
}

}  // namespace

std::span<const char* const> enum_names(Fit*) {
  static constexpr const char* kNames[] = {"squash", "crop", "pad"};
  return kNames;
}

Picture fit_square(const PictureView& picture, const Frame& frame) {
  const Region all{0, 0, static_cast<double>(picture.width), static_cast<double>(picture.height)};
  if (frame.fit == Fit::kCrop) return middle(picture, frame);
  return frame.fit == Fit::kPad ? pad(picture, all, frame) : squash(picture, all, frame);
}

Picture crop_square(const PictureView& picture, const Frame& frame, const CropRange& range,
                    Rng& rng) {
  const double own = static_cast<double>(picture.width) / static_cast<double>(picture.height);
  const auto region = draw_region(picture, frame.fit == Fit::kCrop ? 1 : own, range, rng);
  return frame.fit == Fit::kPad ? pad(picture, region, frame) : squash(picture, region, frame);
}

}  // namespace braid
