#include <algorithm>
#include <cmath>
#include <vector>

#include "braid/kernel/norm.h"

namespace braid {

void norm_forward_ref(int64_t rows, int64_t width, const NormForward& to) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* x = to.x + r * width;
    double mean = 0, variance = 0;
    for (int64_t c = 0; c < width; ++c) mean += x[c] / static_cast<double>(width);
    for (int64_t c = 0; c < width; ++c)
      variance += (x[c] - mean) * (x[c] - mean) / static_cast<double>(width);
    const double scale = 1 / std::sqrt(variance + to.epsilon);
    to.mean[r] = static_cast<float>(mean);
    to.scale[r] = static_cast<float>(scale);
    for (int64_t c = 0; c < width; ++c)
      to.y[r * width + c] = static_cast<float>((x[c] - mean) * scale * to.w[c] + to.b[c]);
  }
}

void norm_backward_ref(int64_t rows, int64_t width, const NormBackward& to) {
  std::vector<double> sums(static_cast<size_t>(2 * width));
  for (int64_t r = 0; r < rows; ++r) {
    const float *x = to.x + r * width, *dy = to.dy + r * width;
    const double mean = to.mean[r], scale = to.scale[r];
    double of_g = 0, of_product = 0;
    for (int64_t c = 0; c < width; ++c) {
      const double g = static_cast<double>(dy[c]) * to.w[c], unit = (x[c] - mean) * scale;
      of_g += g / static_cast<double>(width);
      of_product += g * unit / static_cast<double>(width);
      sums[static_cast<size_t>(c)] += dy[c] * unit;
      sums[static_cast<size_t>(width + c)] += dy[c];
    }
    for (int64_t c = 0; c < width; ++c) {
      const double g = static_cast<double>(dy[c]) * to.w[c], unit = (x[c] - mean) * scale;
      to.dx[r * width + c] = static_cast<float>(scale * (g - of_g - unit * of_product));
    }
  }
  std::transform(sums.begin(), sums.end(), to.dwb, [](double x) { return static_cast<float>(x); });
}

}  // namespace braid
