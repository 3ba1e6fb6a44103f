#include "braid/kernel/activation.h"

#include <algorithm>

#include "braid/kernel/strips.h"

namespace braid {

void gelu_forward(int64_t n, const float* x, float* y) {
  constexpr int64_t kPart = 16384;
#pragma omp parallel for schedule(static) if (n > kPart)
  for (int64_t begin = 0; begin < n; begin += kPart)
    gelu_forward_part(std::min(kPart, n - begin), x + begin, y + begin);
}

void gelu_backward(int64_t rows, int64_t width, const GeluBackward& to) {
  std::vector<float> unused(to.db ? 0 : static_cast<size_t>(width));
  sum_strips(rows, width, to.db ? to.db : unused.data(),
             [&](int64_t begin, int64_t end, float* sums) {
               gelu_backward_rows(begin, end, width, to, sums);
             });
}

void column_sums(int64_t rows, int64_t width, const float* x, int64_t stride, float* sums) {
  sum_strips(rows, width, sums, [&](int64_t begin, int64_t end, float* part) {
    column_sums_rows(begin, end, width, x, stride, part);
  });
}

}  // namespace braid
