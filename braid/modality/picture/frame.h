// Which part of a picture is seen, and how it becomes a square.
#pragma once

#include <span>

#include "braid/core/rng.h"
#include "braid/modality/picture/resize.h"

namespace braid {

enum class Fit {
  kSquash,  // everything, proportions lost
  kCrop,    // short side to the square's, then its middle: torchvision's Resize + CenterCrop
  kPad,     // long side to the square's, background around
};
std::span<const char* const> enum_names(Fit*);

struct Frame {
  int64_t side = 64;
  Fit fit = Fit::kSquash;
  ResizeFilter filter = ResizeFilter::kBilinear;
  Colour background = {255, 255, 255};  // of kPad
};

// The whole RGB picture as [side, side, 3].
Picture fit_square(const PictureView& picture, const Frame& frame);

// Share of the area and change of width / height, drawn uniformly and log-uniformly.
struct CropRange {
  double low_scale = 1, high_scale = 1;
  double low_ratio = 1, high_ratio = 1;

  bool off() const { return low_scale == 1 && low_ratio == 1 && high_ratio == 1; }
};

// A random region, then the square: random resized crop (Szegedy et al. 2015). Proportions are
// `ratio` of what the fit wants: a square for kCrop, else those of the picture. A region that fits
// nowhere in ten draws is shrunk until it does.
Picture crop_square(const PictureView& picture, const Frame& frame, const CropRange& range,
                    Rng& rng);

}  // namespace braid
