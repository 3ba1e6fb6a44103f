// The judge: plain loops, sums in double.
#include "braid/kernel/matmul.h"

namespace braid {

void matmul_ref(const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b, const float* bias,
                const MatrixOut& c) {
  for (int64_t i = 0; i < shape.batch; ++i) {
    for (int64_t r = 0; r < shape.m; ++r) {
      for (int64_t s = 0; s < shape.n; ++s) {
        const float* left = a.data + i * a.batch + r * a.row;
        const float* right = b.data + i * b.batch + s * b.column;
        double sum = bias ? bias[s] : 0.0;
        for (int64_t t = 0; t < shape.k; ++t) {
          sum += static_cast<double>(left[t * a.column]) * right[t * b.row];
        }
        float& to = c.data[i * c.batch + r * c.row + s];
        to = static_cast<float>(c.add ? to + sum : sum);
      }
    }
  }
}

}  // namespace braid
