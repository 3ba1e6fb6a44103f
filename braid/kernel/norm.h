// LayerNorm of rows (Ba et al. 2016) and its gradients. Free of torch.
//
//   x^ = (x - mean) / sqrt(var + epsilon),  y = x^ w + b
//   dx = (g - mean(g) - x^ mean(g x^)) / sqrt(var + epsilon),  g = dy w
//   dw = sum over rows of dy x^,  db = sum over rows of dy
//
// Threads: OpenMP; the same bytes for any number of them.
#pragma once

#include <cstdint>

namespace braid {

constexpr double kNormEpsilon = 1e-5;

struct NormForward {
  const float* x;  // [rows, width]
  const float* w;  // [width]
  const float* b;  // [width]
  double epsilon;
  float* y;      // [rows, width]
  float* mean;   // [rows]
  float* scale;  // [rows], 1 / sqrt(var + epsilon)
};
void norm_forward(int64_t rows, int64_t width, const NormForward& to);

struct NormBackward {
  const float* x;
  const float* w;
  const float* mean;  // as forward left them
  const float* scale;
  const float* dy;
  float* dx;   // may be dy
  float* dwb;  // [2, width]: dw, then db
};
void norm_backward(int64_t rows, int64_t width, const NormBackward& to);

// In double: the judges.
void norm_forward_ref(int64_t rows, int64_t width, const NormForward& to);
void norm_backward_ref(int64_t rows, int64_t width, const NormBackward& to);

// What one thread takes; norm_simd.cpp.
void norm_forward_row(int64_t width, int64_t row, const NormForward& to);
void norm_backward_row(int64_t width, int64_t row, const NormBackward& to, float* sums);

}  // namespace braid
