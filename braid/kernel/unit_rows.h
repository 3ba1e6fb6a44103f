// Rows scaled to length 1, and the gradient. Free of torch.
//
//   y = x s,  dx = (dy - y <y, dy>) s,  s = 1 / |x|
//
// A row shorter than 1e-12 is multiplied by 1e12, and so is its gradient: no row has a direction of
// its own there. Threads: OpenMP; the same bytes for any number of them.
#pragma once

#include <cstdint>

namespace braid {

// x, y [rows, width], scale [rows]; y may be x.
void unit_rows_forward(int64_t rows, int64_t width, const float* x, float* y, float* scale);
// y, scale as forward left them; dx may be dy.
void unit_rows_backward(int64_t rows, int64_t width, const float* y, const float* scale,
                        const float* dy, float* dx);

// In double: the judges.
void unit_rows_forward_ref(int64_t rows, int64_t width, const float* x, float* y, float* scale);
void unit_rows_backward_ref(int64_t rows, int64_t width, const float* y, const float* scale,
                            const float* dy, float* dx);

constexpr double kShortestRow = 1e-12;

}  // namespace braid
