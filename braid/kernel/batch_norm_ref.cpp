#include <cmath>

#include "braid/kernel/batch_norm.h"

namespace braid {
namespace {

struct Column {
  double mean, variance, deviation;
};

Column column_ref(int64_t rows, int64_t width, int64_t c, const float* x, double epsilon) {
  double sum = 0, square = 0;
  for (int64_t r = 0; r < rows; ++r) sum += x[r * width + c];
  const double mean = sum / static_cast<double>(rows);
  for (int64_t r = 0; r < rows; ++r) square += std::pow(x[r * width + c] - mean, 2);
  const double variance = square / static_cast<double>(rows);
  return {mean, variance, std::sqrt(variance + epsilon)};
}

}  // namespace

void batch_norm_forward_ref(int64_t rows, int64_t width, const BatchNormForward& to) {
  for (int64_t c = 0; c < width; ++c) {
    const auto column = column_ref(rows, width, c, to.x, to.epsilon);
    to.mean[c] = static_cast<float>(column.mean);
    to.variance[c] = static_cast<float>(column.variance);
    for (int64_t i = c; i < rows * width; i += width) {
      const double y = (to.x[i] - column.mean) / column.deviation * to.w[c] + to.b[c];
      to.y[i] = static_cast<float>(to.relu && y < 0 ? 0 : y);
    }
  }
}

void batch_norm_backward_ref(int64_t rows, int64_t width, const BatchNormBackward& to) {
  for (int64_t c = 0; c < width; ++c) {
    const auto column = column_ref(rows, width, c, to.x, to.epsilon);
    const auto normed = [&](int64_t i) { return (to.x[i] - column.mean) / column.deviation; };
    const auto g = [&](int64_t i) {
      return to.relu && normed(i) * to.w[c] + to.b[c] <= 0 ? 0.0 : to.dy[i];
    };
    double along = 0, sum = 0;
    for (int64_t i = c; i < rows * width; i += width) along += g(i) * normed(i), sum += g(i);
    const auto count = static_cast<double>(rows);
    for (int64_t i = c; i < rows * width; i += width) {
      const double rest = g(i) - sum / count - normed(i) * along / count;
      to.dx[i] = static_cast<float>(rest * to.w[c] / column.deviation);
    }
    to.dwb[c] = static_cast<float>(along);
    to.dwb[width + c] = static_cast<float>(sum);
  }
}

}  // namespace braid
