// Antialiased resize, equal to Pillow's byte for byte (Image.resize, 8-bit modes).
//
// A separable filter stretched by the reduction, rows first, both passes rounded to 8 bits, weights
// in fixed point with 22 fraction bits (Pillow, src/libImaging/Resample.c). Pictures with alpha are
// premultiplied on the way, as Pillow does for RGBA.
#pragma once

#include <optional>
#include <span>

#include "braid/modality/picture/picture.h"

namespace braid {

enum class ResizeFilter { kBilinear, kBicubic };
std::span<const char* const> enum_names(ResizeFilter*);

// A region of the source in pixels, fractions allowed; single precision because Pillow's is.
struct Box {
  float left = 0, top = 0, right = 0, bottom = 0;
};

struct Size {
  int64_t width = 0, height = 0;

  bool operator==(const Size&) const = default;
};

// A part of the output, in its pixels.
struct Window {
  int64_t left = 0, top = 0, width = 0, height = 0;
};

struct ResizeOptions {
  ResizeFilter filter = ResizeFilter::kBilinear;
  std::optional<Box> box;        // Pillow's `box`: what becomes the output; default: everything
  std::optional<Window> window;  // computes this part of the output only; default: all of it
};

// Scales `box` of the picture to `size` and returns `window` of that. Throws Error(kInput) for a
// size below 1, a box that is empty or leaves the picture, a window that leaves the output.
Picture resize(const PictureView& picture, Size size, const ResizeOptions& options = {});

}  // namespace braid
