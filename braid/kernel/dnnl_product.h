// The ways in which oneDNN multiplies. For matmul_dnnl.cpp, and to measure them beside each other.
#pragma once

#include "braid/kernel/matmul.h"

namespace braid {

enum class DnnlWay {
  kSgemm,    // its BLAS; one matrix
  kPlain,    // its matmul primitive on the factors as they lie
  kPackedB,  // b copied first, into the layout that the library likes
  kBf16,     // both copied, as bfloat16
};

// Arguments as matmul has checked them; copies for one matrix only. Throws Error(kInternal) for
// what the library refuses.
void run_dnnl(DnnlWay way, const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b,
              const float* bias, const MatrixOut& c);

}  // namespace braid
