#include <algorithm>
#include <cmath>

#include "braid/kernel/unit_rows.h"

namespace braid {

void unit_rows_forward_ref(int64_t rows, int64_t width, const float* x, float* y, float* scale) {
  for (int64_t r = 0; r < rows; ++r, x += width, y += width) {
    double square = 0;
    for (int64_t d = 0; d < width; ++d) square += static_cast<double>(x[d]) * x[d];
    const double factor = 1 / std::max(std::sqrt(square), kShortestRow);
    scale[r] = static_cast<float>(factor);
    for (int64_t d = 0; d < width; ++d) y[d] = static_cast<float>(x[d] * factor);
  }
}

void unit_rows_backward_ref(int64_t rows, int64_t width, const float* y, const float* scale,
                            const float* dy, float* dx) {
  for (int64_t r = 0; r < rows; ++r, y += width, dy += width, dx += width) {
    double along = 0;
    for (int64_t d = 0; d < width; ++d) along += static_cast<double>(y[d]) * dy[d];
    if (scale[r] >= static_cast<float>(1 / kShortestRow)) along = 0;
    for (int64_t d = 0; d < width; ++d)
      dx[d] = static_cast<float>((dy[d] - y[d] * along) * scale[r]);
  }
}

}  // namespace braid
