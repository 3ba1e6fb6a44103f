// Colours of pixels that lie in three float planes.
#pragma once

#include <array>
#include <cstdint>

namespace braid {

// What becomes of a pixel's red, green and blue:
// clamp(matrix * rgb + shift, 0, 1) * factor + offset.
struct ColourChange {
  std::array<std::array<float, 3>, 3> matrix = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  std::array<float, 3> shift = {0, 0, 0};
  std::array<float, 3> factor = {1, 1, 1}, offset = {0, 0, 0};
};

// In place, `count` pixels.
void change_colours(const ColourChange& change, int64_t count, const std::array<float*, 3>& planes);

// Of `count` values: in float over some hundreds of them, those sums in double.
double plane_sum(const float* plane, int64_t count);

}  // namespace braid
