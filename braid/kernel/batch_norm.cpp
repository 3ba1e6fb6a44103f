#include "braid/kernel/batch_norm.h"

#include <cmath>
#include <vector>

#include "braid/kernel/strips.h"

namespace braid {
namespace {

// Of a column's values x: y = x scale + shift.
struct Affine {
  std::vector<float> scale, shift;

  template <class To>
  Affine(int64_t width, const To& to) : scale(static_cast<size_t>(width)), shift(scale) {
    for (size_t c = 0; c < scale.size(); ++c) {
      const double s = to.w[c] / std::sqrt(to.variance[c] + to.epsilon);
      scale[c] = static_cast<float>(s);
      shift[c] = static_cast<float>(to.b[c] - s * to.mean[c]);
    }
  }
};

}  // namespace

void batch_norm_forward(int64_t rows, int64_t width, const BatchNormForward& to) {
  const auto strips = static_cast<size_t>(strip_count(rows)), columns = static_cast<size_t>(width);
  std::vector<float> means(strips * columns), squares(strips * columns);
  std::vector<double> counts(strips);
  for_strips(rows, [&](int64_t s, int64_t begin, int64_t end) {
    counts[static_cast<size_t>(s)] = static_cast<double>(end - begin);
    batch_norm_moments_rows(begin, end, width, to.x, means.data() + s * width,
                            squares.data() + s * width);
  });
  for (size_t c = 0; c < columns; ++c) {  // Chan et al. 1983
    double count = 0, mean = 0, square = 0;
    for (size_t s = 0; s < strips; ++s) {
      const double apart = means[s * columns + c] - mean, all = count + counts[s];
      square += squares[s * columns + c] + apart * apart * count * counts[s] / all;
      mean += apart * counts[s] / all;
      count = all;
    }
    to.mean[c] = static_cast<float>(mean);
    to.variance[c] = static_cast<float>(square / count);
  }
  const Affine affine(width, to);
  for_strips(rows, [&](int64_t, int64_t begin, int64_t end) {
    batch_norm_forward_rows(begin, end, width, to, affine.scale.data(), affine.shift.data());
  });
}

void batch_norm_backward(int64_t rows, int64_t width, const BatchNormBackward& to) {
  const Affine affine(width, to);
  const float *scale = affine.scale.data(), *shift = affine.shift.data();
  float *dw = to.dwb, *db = to.dwb + width;
  sum_strips(rows, 2 * width, to.dwb, [&](int64_t begin, int64_t end, float* sums) {
    batch_norm_sums_rows(begin, end, width, to, scale, shift, sums);
  });
  std::vector<float> of_x(static_cast<size_t>(width)), rest(of_x);
  for (size_t c = 0; c < of_x.size(); ++c) {
    const double deviation = std::sqrt(to.variance[c] + to.epsilon), mean = to.mean[c];
    const double along = dw[c] / deviation;  // sum of g x^
    dw[c] = static_cast<float>(along);
    const double slope = along / deviation / static_cast<double>(rows);
    of_x[c] = static_cast<float>(-scale[c] * slope);
    rest[c] = static_cast<float>(scale[c] * (mean * slope - db[c] / static_cast<double>(rows)));
  }
  for_strips(rows, [&](int64_t, int64_t begin, int64_t end) {
    batch_norm_backward_rows(begin, end, width, to, scale, shift, of_x.data(), rest.data());
  });
}

}  // namespace braid
