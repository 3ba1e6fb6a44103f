// Pictures of the common formats (picture/decode.h), resized as Pillow does.
//
// prepare keeps [H, W, 3] u8, or [H, W, 4] where the file is not opaque, so that every view can lay
// it over another colour. Views are [3, S, S] f32, (value / 255 - mean) / std.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "braid/core/config.h"
#include "braid/modality/modality.h"
#include "braid/modality/picture/frame.h"

namespace braid {

// Between `low` and `high`, each at least `floor` and at most `ceiling`: two numbers in order.
inline Range<std::vector<double>> pair_within(double floor, double ceiling) {
  return {[=](const std::vector<double>& v) {
            return v.size() == 2 && floor <= v[0] && v[0] <= v[1] && v[1] <= ceiling;
          },
          "[low, high] within " + number_text(floor) + " .. " + number_text(ceiling)};
}

// One number for every channel, or three.
template <class T>
Range<std::vector<T>> per_channel(T floor, T ceiling) {
  return {[=](const std::vector<T>& v) {
            bool fits = v.size() == 1 || v.size() == 3;
            for (const T x : v) fits = fits && floor <= x && x <= ceiling;
            return fits;
          },
          "one or three numbers within " + number_text(floor) + " .. " + number_text(ceiling)};
}

// Random changes of training views, in the order they are made; colours are 0 .. 1. The whole group
// is off with crop_scale: [1, 1], crop_ratio: [1, 1] and the rest 0: views are then as in
// evaluation.
struct ImageViewConfig {
  std::vector<double> crop_scale = {0.5, 1};
  std::vector<double> crop_ratio = {0.75, 4.0 / 3};
  double random_background = 0;
  double flip = 0.5;
  double rotate = 0;
  double brightness = 0.2;
  double contrast = 0.2;
  double saturation = 0.2;
  double hue = 0;
  double grayscale = 0;
  double blur = 0;
  std::vector<double> blur_sigma = {0.1, 2};
  double noise = 0;
  double erase = 0;
  std::vector<double> erase_area = {0.02, 0.2};
};

template <class Field>
void visit(Field&& field, ImageViewConfig& c) {
  field("crop_scale", c.crop_scale, pair_within(0.01, 1),
        "share of the area that a random crop keeps");
  field("crop_ratio", c.crop_ratio, pair_within(0.1, 10), "width / height of a random crop");
  field("random_background", c.random_background, closed(0.0, 1.0),
        "chance of a random colour behind a transparent picture");
  field("flip", c.flip, closed(0.0, 1.0), "chance to mirror left and right");
  field("rotate", c.rotate, closed(0.0, 180.0), "turns by up to this many degrees, both ways");
  field("brightness", c.brightness, closed(0.0, 1.0), "factor of 1 - x .. 1 + x");
  field("contrast", c.contrast, closed(0.0, 1.0), "factor of 1 - x .. 1 + x about the mean grey");
  field("saturation", c.saturation, closed(0.0, 1.0), "factor of 1 - x .. 1 + x about each grey");
  field("hue", c.hue, closed(0.0, 0.5), "colours turn by up to this share of a circle, both ways");
  field("grayscale", c.grayscale, closed(0.0, 1.0), "chance to lose all colour");
  field("blur", c.blur, closed(0.0, 1.0), "chance of a Gaussian blur");
  field("blur_sigma", c.blur_sigma, pair_within(0.05, 20), "its strength, pixels of the view");
  field("noise", c.noise, closed(0.0, 1.0), "standard deviation of added noise");
  field("erase", c.erase, closed(0.0, 1.0), "chance that a rectangle becomes the colour `mean`");
  field("erase_area", c.erase_area, pair_within(0.001, 1), "its share of the view");
}

struct ImageConfig {
  int64_t size = 64;
  ResizeFilter resize = ResizeFilter::kBilinear;
  Fit fit = Fit::kSquash;
  std::vector<int64_t> background = {255, 255, 255};
  // 0.5 and 0.5 map every picture to -1 .. 1 and favour no data set; a pretrained encoder wants the
  // numbers it was trained with.
  std::vector<double> mean = {0.5, 0.5, 0.5};
  std::vector<double> std = {0.5, 0.5, 0.5};
  int64_t keep_side = 0;
  int64_t max_bytes = int64_t{64} << 20;
  int64_t max_pixels = 64'000'000;
  ImageViewConfig views;
};

template <class Field>
void visit(Field&& field, ImageConfig& c) {
  field("size", c.size, closed<int64_t>(1, 4096), "side of the square view, pixels");
  field("resize", c.resize, "filter, antialiased");
  field("fit", c.fit, "how a picture becomes a square");
  field("background", c.background, per_channel<int64_t>(0, 255),
        "red, green, blue behind transparent pictures and around padded ones");
  field("mean", c.mean, per_channel(-10.0, 10.0), "subtracted from values 0 .. 1, per channel");
  field("std", c.std, per_channel(1e-3, 1e3), "then divided by, per channel");
  field(
      "keep_side", c.keep_side, closed<int64_t>(0, 1 << 20),
      "a picture with a longer short side is reduced to this once, when it is read (0: 2 * size)");
  field("max_bytes", c.max_bytes, closed<int64_t>(1, int64_t{1} << 32), "larger files are refused");
  field("max_pixels", c.max_pixels, closed<int64_t>(1, int64_t{1} << 32),
        "larger pictures are refused, by their headers");
  field("views", c.views, "random changes of training views");
}

// Facts: size, channels.
std::unique_ptr<Modality> make_image(const ConfigNode& node);

}  // namespace braid
