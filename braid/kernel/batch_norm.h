// BatchNorm in training (Ioffe, Szegedy 2015) of rows, a ReLU behind it where asked, and their
// gradients. Free of torch.
//
//   x^ = (x - mean) / sqrt(var + epsilon),  y = x^ w + b,  or max(0, that)
//   dx = (g - mean(g) - x^ mean(g x^)) w / sqrt(var + epsilon),  dw = sum of g x^,  db = sum of g
//
// mean and var are those of a column over the rows; g is dy, or 0 where the ReLU gave 0.
// Threads: OpenMP; the same bytes for any number of them.
#pragma once

#include <cstdint>

namespace braid {

struct BatchNormForward {
  const float* x;  // [rows, width]
  const float* w;  // [width]
  const float* b;  // [width]
  double epsilon;
  bool relu;
  float* y;         // [rows, width]
  float* mean;      // [width]
  float* variance;  // [width], of the rows: divided by their number
};
// rows > 0.
void batch_norm_forward(int64_t rows, int64_t width, const BatchNormForward& to);

struct BatchNormBackward {
  const float* x;
  const float* w;
  const float* b;
  double epsilon;
  bool relu;
  const float* mean;  // as forward left them
  const float* variance;
  const float* dy;
  float* dx;   // may be dy
  float* dwb;  // [2, width]: dw, then db
};
void batch_norm_backward(int64_t rows, int64_t width, const BatchNormBackward& to);

// In double: the judges.
void batch_norm_forward_ref(int64_t rows, int64_t width, const BatchNormForward& to);
void batch_norm_backward_ref(int64_t rows, int64_t width, const BatchNormBackward& to);

// What one thread takes, rows [begin, end) of some; batch_norm_simd.cpp. Rows of parameters below
// are [width] each.

// mean [width], and the sums of squared distances from it [width].
void batch_norm_moments_rows(int64_t begin, int64_t end, int64_t width, const float* x, float* mean,
                             float* squares);
// y = x scale + shift
void batch_norm_forward_rows(int64_t begin, int64_t end, int64_t width, const BatchNormForward& to,
                             const float* scale, const float* shift);
// Adds g (x - mean) and g to sums [2, width].
void batch_norm_sums_rows(int64_t begin, int64_t end, int64_t width, const BatchNormBackward& to,
                          const float* scale, const float* shift, float* sums);
// dx = g scale + x of_x + rest
void batch_norm_backward_rows(int64_t begin, int64_t end, int64_t width,
                              const BatchNormBackward& to, const float* scale, const float* shift,
                              const float* of_x, const float* rest);

}  // namespace braid
