// The judge: plain loops, sums in double.
#include <bit>

#include "braid/kernel/matmul.h"

namespace braid {
namespace {

// To the nearest bfloat16, ties to even; NaN stays one.
float to_bf16(float x) {
  if (x != x) return x;
  const auto bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000);
}

}  // namespace

void matmul_ref(const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b, const float* bias,
                const MatrixOut& c, Precision precision) {
  const bool rounds = precision == Precision::kBf16 && shape.batch == 1;
  const auto factor = [&](float x) -> double { return rounds ? to_bf16(x) : x; };
  for (int64_t i = 0; i < shape.batch; ++i) {
    for (int64_t r = 0; r < shape.m; ++r) {
      for (int64_t s = 0; s < shape.n; ++s) {
        const float* left = a.data + i * a.batch + r * a.row;
        const float* right = b.data + i * b.batch + s * b.column;
        double sum = bias ? bias[s] : 0.0;
        for (int64_t t = 0; t < shape.k; ++t) {
          sum += factor(left[t * a.column]) * factor(right[t * b.row]);
        }
        float& to = c.data[i * c.batch + r * c.row + s];
        to = static_cast<float>(c.add ? to + sum : sum);
      }
    }
  }
}

}  // namespace braid
