// Colour changes as affine maps. Hue is a rotation in the chroma plane of YIQ, not in HSV: grey
// stays, brightness stays, and it is linear.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

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

// A fixed count lets the compiler use vectors.
template <int64_t kCount>
void apply_block(const ColourMap& map, const Planes& planes, int64_t at) {
  float in[3][kCount];
  for (int64_t c = 0; c < 3; ++c) std::copy_n(planes.plane(c) + at, kCount, in[c]);
  for (size_t c = 0; c < 3; ++c) {
    const auto& row = map.matrix[c];
    float out[kCount];
    for (int64_t i = 0; i < kCount; ++i) {
      const float v = map.shift[c] + row[0] * in[0][i] + row[1] * in[1][i] + row[2] * in[2][i];
      out[i] = std::min(std::max(v, 0.f), 1.f);
    }
    std::copy_n(out, kCount, planes.plane(static_cast<int64_t>(c)) + at);
  }
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
    // Sums side by side: one alone would wait for itself at every value.
    constexpr int64_t kSums = 8;
    double sums[kSums] = {};
    const float* plane = planes.plane(c);
    const int64_t size = planes.plane_size(), whole = size - size % kSums;
    for (int64_t i = 0; i < whole; i += kSums) {
      for (int64_t j = 0; j < kSums; ++j) sums[j] += plane[i + j];
    }
    for (int64_t i = whole; i < size; ++i) sums[0] += plane[i];
    const double sum = std::accumulate(sums, sums + kSums, 0.0);
    mean[c] = static_cast<float>(sum / static_cast<double>(size));
  }
  return mean;
}

void apply(const ColourMap& map, const Planes& planes) {
  const int64_t size = planes.plane_size();
  int64_t i = 0;
  for (; i + 8 <= size; i += 8) apply_block<8>(map, planes, i);
  for (; i < size; ++i) apply_block<1>(map, planes, i);
}

}  // namespace braid
