#include "braid/kernel/norm.h"

#include "braid/kernel/strips.h"

namespace braid {

void norm_forward(int64_t rows, int64_t width, const NormForward& to) {
#pragma omp parallel for schedule(static) if (rows * width > 16384)
  for (int64_t r = 0; r < rows; ++r) norm_forward_row(width, r, to);
}

void norm_backward(int64_t rows, int64_t width, const NormBackward& to) {
  sum_strips(rows, 2 * width, to.dwb, [&](int64_t begin, int64_t end, float* sums) {
    for (int64_t r = begin; r < end; ++r) norm_backward_row(width, r, to, sums);
  });
}

}  // namespace braid
