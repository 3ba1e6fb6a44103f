#include "braid/report/heat_overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "braid/modality/picture/encode.h"
#include "braid/modality/picture/resize.h"

namespace braid {
namespace {

constexpr int64_t kShortSide = 224;
constexpr int64_t kWaveWidth = 640, kWaveHeight = 160;

// Black, violet, orange, pale yellow: told apart in grey, too.
Colour colour_of(double heat) {
  constexpr std::array<std::array<double, 3>, 4> kStops = {
      {{0, 0, 4}, {120, 28, 109}, {237, 105, 37}, {252, 255, 164}}};
  const double at = std::clamp(heat, 0.0, 1.0) * 3;
  const auto low = static_cast<size_t>(std::min(at, 2.0));
  const double part = at - static_cast<double>(low);
  Colour colour;
  for (size_t c = 0; c < 3; ++c)
    colour[c] = static_cast<uint8_t>(
        std::lround(kStops[low][c] * (1 - part) + kStops[low + 1][c] * part));
  return colour;
}

// Of a grid in [0, 1], between the centres of its cells, at y, x in [0, 1].
double between(std::span<const double> grid, int64_t rows, int64_t columns, double y, double x) {
  const auto place = [](double at, int64_t count, int64_t* low, int64_t* high) {
    const double centre = std::clamp(at * static_cast<double>(count) - 0.5, 0.0,
                                     static_cast<double>(count - 1));
    *low = static_cast<int64_t>(centre);
    *high = std::min(*low + 1, count - 1);
    return centre - static_cast<double>(*low);
  };
  int64_t top, bottom, left, right;
  const double v = place(y, rows, &top, &bottom), u = place(x, columns, &left, &right);
  const auto cell = [&](int64_t r, int64_t c) { return grid[static_cast<size_t>(r * columns + c)]; };
  return (cell(top, left) * (1 - u) + cell(top, right) * u) * (1 - v) +
         (cell(bottom, left) * (1 - u) + cell(bottom, right) * u) * v;
}

std::vector<double> to_one(std::span<const double> heat) {
  const double most = heat.empty() ? 0 : *std::max_element(heat.begin(), heat.end());
  std::vector<double> out(heat.begin(), heat.end());
  for (auto& x : out) x = most > 0 ? x / most : 0;
  return out;
}

void mix_into(uint8_t* pixel, const Colour& colour, double share) {
  for (size_t c = 0; c < 3; ++c)
    pixel[c] = static_cast<uint8_t>(std::lround(pixel[c] * (1 - share) + colour[c] * share));
}

}  // namespace

Bytes picture_with_heat(const PictureView& picture, std::span<const double> heat, int64_t rows,
                        int64_t columns) {
  auto flat = flatten(picture, {255, 255, 255});
  const auto shortest = std::min(flat.width, flat.height);
  if (shortest < kShortSide) {
    const double scale = static_cast<double>(kShortSide) / static_cast<double>(shortest);
    const auto grown = [&](int64_t side) {
      return static_cast<int64_t>(std::lround(static_cast<double>(side) * scale));
    };
    flat = resize(flat, {grown(flat.width), grown(flat.height)});
  }
  const auto grid = to_one(heat);
  const auto side = std::min(flat.width, flat.height);
  const int64_t left = (flat.width - side) / 2, top = (flat.height - side) / 2;
  for (int64_t y = 0; y < flat.height; ++y) {
    for (int64_t x = 0; x < flat.width; ++x) {
      auto* pixel = flat.data.data() + (y * flat.width + x) * 3;
      const double v = (static_cast<double>(y - top) + 0.5) / static_cast<double>(side),
                   u = (static_cast<double>(x - left) + 0.5) / static_cast<double>(side);
      const bool seen = u >= 0 && u <= 1 && v >= 0 && v <= 1;
      const double own = seen ? between(grid, rows, columns, v, u) : 0;
      mix_into(pixel, colour_of(own), seen ? 0.6 : 0.75);  // what the model does not see is darker
    }
  }
  return encode_png(flat);
}

Bytes sound_with_heat(std::span<const float> samples, std::span<const double> heat) {
  const auto row = to_one(heat);
  auto page = blank_picture(kWaveWidth, kWaveHeight, 3);
  double peak = 1e-6;
  for (const float s : samples) peak = std::max(peak, std::abs(static_cast<double>(s)));
  for (int64_t x = 0; x < kWaveWidth; ++x) {
    const double u = (static_cast<double>(x) + 0.5) / static_cast<double>(kWaveWidth);
    const auto colour =
        colour_of(row.empty() ? 0 : 0.8 * between(row, 1, std::ssize(row), 0.5, u));
    const auto first = static_cast<size_t>(x * std::ssize(samples) / kWaveWidth),
               last = static_cast<size_t>((x + 1) * std::ssize(samples) / kWaveWidth);
    double loud = 0;
    for (size_t i = first; i < last; ++i)
      loud = std::max(loud, std::abs(static_cast<double>(samples[i])) / peak);
    for (int64_t y = 0; y < kWaveHeight; ++y) {
      auto* pixel = page.data.data() + (y * kWaveWidth + x) * 3;
      const double height =
          std::abs((static_cast<double>(y) + 0.5) / (static_cast<double>(kWaveHeight) / 2) - 1);
      const bool wave = height <= 0.95 * loud + 0.01;
      for (size_t c = 0; c < 3; ++c) pixel[c] = wave ? uint8_t{235} : colour[c];
    }
  }
  return encode_png(page);
}

}  // namespace braid
