// GELU (Hendrycks, Gimpel 2016), as defined by erf: gelu(x) = x P(x), P(x) = (1 + erf(x / sqrt 2))
// / 2, gelu'(x) = P(x) + x exp(-x^2 / 2) / sqrt(2 pi). Free of torch. Threads: OpenMP; the same
// bytes for any number of them.
#pragma once

#include <cstdint>

namespace braid {

// y = gelu(x), n values; y may be x.
void gelu_forward(int64_t n, const float* x, float* y);

// One pass: dx = dy gelu'(x), y = gelu(x) once more (kept nowhere since forward), and db, the sum
// of dx over rows. x, dy, dx, y [rows, width]; db [width]; dx may be dy, y may be x. y and db may be
// null.
struct GeluBackward {
  const float* x;
  const float* dy;
  float* dx;
  float* y;
  float* db;
};
void gelu_backward(int64_t rows, int64_t width, const GeluBackward& to);

// In double, with std::erf: the judges.
void gelu_forward_ref(int64_t n, const float* x, float* y);
void gelu_backward_ref(int64_t rows, int64_t width, const GeluBackward& to);

// x [rows, width] -> the sum over rows.
void column_sums(int64_t rows, int64_t width, const float* x, int64_t stride, float* sums);

// What one thread takes; activation_simd.cpp.
void gelu_forward_part(int64_t n, const float* x, float* y);
void gelu_backward_rows(int64_t begin, int64_t end, int64_t width, const GeluBackward& to,
                        float* sums);
void column_sums_rows(int64_t begin, int64_t end, int64_t width, const float* x, int64_t stride,
                      float* sums);

}  // namespace braid
