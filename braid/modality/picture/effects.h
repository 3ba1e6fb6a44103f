// Changes to a picture held as float planes, for random views. All in place.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "braid/core/rng.h"
#include "braid/modality/picture/picture.h"
#include "braid/modality/picture/resize.h"

namespace braid {

// Three planes [3, height, width], one after the other, values 0 .. 1 (before normalisation).
struct Planes {
  float* data = nullptr;
  int64_t width = 0;
  int64_t height = 0;

  int64_t plane_size() const { return width * height; }
  float* plane(int64_t channel) const { return data + channel * plane_size(); }
};

// RGB bytes to planes of the same size; `mirrored` swaps left and right.
void to_planes(const PictureView& picture, bool mirrored, const Planes& planes);

// An affine map of colours: out = matrix * rgb + shift. Brightness, contrast, saturation, hue and
// grey are all of this form, so a chain of them costs one pass over the picture.
struct ColourMap {
  std::array<std::array<float, 3>, 3> matrix = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  std::array<float, 3> shift = {0, 0, 0};

  ColourMap then(const ColourMap& next) const;
  std::array<float, 3> operator()(const std::array<float, 3>& rgb) const;
};

// Grey is 0.299 R + 0.587 G + 0.114 B. A factor of 1, a turn of 0, change nothing.
ColourMap brightness(double factor);                  // factor * rgb
ColourMap contrast(double factor, double mean_grey);  // away from the picture's mean grey
ColourMap saturation(double factor);                  // away from each pixel's grey; 0 = grey
ColourMap hue(double turns);                          // chroma turned in the YIQ plane; 1 = full
float grey_of(const std::array<float, 3>& rgb);
std::array<float, 3> mean_colour(const Planes& planes);

// v * factor + offset, per channel.
struct Scaling {
  std::array<float, 3> factor = {1, 1, 1}, offset = {0, 0, 0};
};
Scaling normalisation(const std::array<double, 3>& mean, const std::array<double, 3>& std);

// Clamps to 0 .. 1, then scales.
void apply(const ColourMap& map, const Planes& planes, const Scaling& after = {});

// Counter-clockwise about the centre, bilinear; what lies outside repeats the nearest edge.
void rotate(const Planes& planes, double degrees);

// Gaussian, cut at three sigma; sigma in pixels, edges repeated.
void blur(const Planes& planes, double sigma);

// Adds noise of mean 0: the sum of eight uniform bytes, which is near a Gaussian (kurtosis 2.85,
// nothing beyond 4.9 sigma) and many times cheaper. Not clamped.
void add_noise(const Planes& planes, double sigma, Rng& rng);

// Fills the rectangle with one value, in all channels.
void erase(const Planes& planes, const Window& where, float value);

// (v - mean) / std per channel.
void normalise(const Planes& planes, const std::array<double, 3>& mean,
               const std::array<double, 3>& std);

}  // namespace braid
