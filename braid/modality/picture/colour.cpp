// Colour changes as affine maps. Hue is a rotation in the chroma plane of YIQ, not in HSV: grey
// stays, brightness stays, and it is linear.
#include <cmath>
#include <numbers>

#include "braid/kernel/colour_planes.h"
#include "braid/modality/picture/effects.h"

namespace braid {
namespace {

constexpr std::array<float, 3> kGrey = {0.299f, 0.587f, 0.114f};

ColourMap linear(const std::array<std::array<double, 3>, 3>& matrix) {
  ColourMap map;
  for (size_t r = 0; r < 3; ++r) {
    for (size_t c = 0; c < 3; ++c) map.matrix[r][c] = static_cast<float>(matrix[r][c]);
  }
  return map;
}

}  // namespace

ColourMap ColourMap::then(const ColourMap& next) const {
  ColourMap out;
  for (size_t r = 0; r < 3; ++r) {
    out.shift[r] = next.shift[r];
    for (size_t c = 0; c < 3; ++c) {
      out.matrix[r][c] = 0;
      for (size_t k = 0; k < 3; ++k) out.matrix[r][c] += next.matrix[r][k] * matrix[k][c];
      out.shift[r] += next.matrix[r][c] * shift[c];
    }
  }
  return out;
}

std::array<float, 3> ColourMap::operator()(const std::array<float, 3>& rgb) const {
  std::array<float, 3> out = shift;
  for (size_t r = 0; r < 3; ++r) {
    for (size_t c = 0; c < 3; ++c) out[r] += matrix[r][c] * rgb[c];
  }
  return out;
}

ColourMap brightness(double factor) {
  return linear({{{factor, 0, 0}, {0, factor, 0}, {0, 0, factor}}});
}

ColourMap contrast(double factor, double mean_grey) {
  auto map = brightness(factor);
  map.shift.fill(static_cast<float>((1 - factor) * mean_grey));
  return map;
}

ColourMap saturation(double factor) {
  auto map = brightness(factor);
  for (auto& row : map.matrix) {
    for (size_t c = 0; c < 3; ++c) row[c] += static_cast<float>(1 - factor) * kGrey[c];
  }
  return map;
}

ColourMap hue(double turns) {
  if (turns == 0) return {};
  const double angle = 2 * std::numbers::pi * turns;
  const double c = std::cos(angle), s = std::sin(angle);
  const auto to_yiq =
      linear({{{0.299, 0.587, 0.114}, {0.596, -0.274, -0.322}, {0.211, -0.523, 0.312}}});
  const auto turn = linear({{{1, 0, 0}, {0, c, -s}, {0, s, c}}});
  // The inverse of to_yiq.
  const auto to_rgb = linear(
      {{{1, 0.9561707, 0.6214326}, {1, -0.2726886, -0.6468132}, {1, -1.1037441, 1.7006231}}});
  return to_yiq.then(turn).then(to_rgb);
}

float grey_of(const std::array<float, 3>& rgb) {
  return kGrey[0] * rgb[0] + kGrey[1] * rgb[1] + kGrey[2] * rgb[2];
}

std::array<float, 3> mean_colour(const Planes& planes) {
  std::array<float, 3> mean{};
  for (int64_t c = 0; c < 3; ++c) {
    const double sum = plane_sum(planes.plane(c), planes.plane_size());
    mean[c] = static_cast<float>(sum / static_cast<double>(planes.plane_size()));
  }
  return mean;
}

void apply(const ColourMap& map, const Planes& planes, const Scaling& after) {
  change_colours({map.matrix, map.shift, after.factor, after.offset}, planes.plane_size(),
                 {planes.plane(0), planes.plane(1), planes.plane(2)});
}

}  // namespace braid
