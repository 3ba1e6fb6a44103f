#include <cmath>

#include "braid/kernel/activation.h"

namespace braid {
namespace {

double normal_share(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

}  // namespace

void gelu_forward_ref(int64_t n, const float* x, float* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(x[i] * normal_share(x[i]));
}

void gelu_backward_ref(int64_t rows, int64_t width, const GeluBackward& to) {
  for (int64_t c = 0; c < width; ++c) {
    double sum = 0;
    for (int64_t i = c; i < rows * width; i += width) {
      const double x = to.x[i], bell = std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0));
      const double slope = to.dy[i] * (normal_share(x) + x * bell);
      to.dx[i] = static_cast<float>(slope);
      if (to.y) to.y[i] = static_cast<float>(x * normal_share(x));
      sum += slope;
    }
    if (to.db) to.db[c] = static_cast<float>(sum);
  }
}

}  // namespace braid
