// c = a b (+ bias): products of matrices and of batches of matrices.
//
//   c[i, r, s] = bias[s] + sum over t of a[i, r, t] * b[i, t, s]      (c += that, where asked)
//
// Pointers with strides in elements, so that a transposed matrix is the same bytes with the two
// strides swapped. Free of torch.
#pragma once

#include <cstdint>
#include <span>

#include "braid/kernel/precision.h"

namespace braid {

struct MatmulShape {
  int64_t batch = 1;
  int64_t m = 0;  // rows of a and c
  int64_t k = 0;  // columns of a, rows of b
  int64_t n = 0;  // columns of b and c
};

// One of the two strides is 1; the other steps over whole rows (or columns). `batch` is the step
// from one matrix to the next; ignored for a batch of one.
struct MatrixIn {
  const float* data = nullptr;
  int64_t row = 0;
  int64_t column = 1;
  int64_t batch = 0;
};

struct MatrixOut {  // columns are adjacent
  float* data = nullptr;
  int64_t row = 0;
  int64_t batch = 0;
  bool add = false;  // to what is there
};

using MatmulFunction = void (*)(const MatmulShape&, const MatrixIn& a, const MatrixIn& b,
                                const float* bias, const MatrixOut& c, Precision);

struct MatmulKernel {
  const char* name;
  MatmulFunction run;
};

// All built implementations, best first; the last one, `ref`, is the plain loop and the judge.
std::span<const MatmulKernel> matmul_kernels();

// Runs the best kernel, or the one that BRAID_KERNEL allows (kernel/choice.h). c must
// not overlap the inputs. Uses the thread count of OpenMP. `bias` [n] may be null; with it batch
// must be 1. Many threads. The same call gives the same bits as long as the thread count stays.
// kBf16 holds for one matrix; a batch is multiplied in float32. Throws Error(kShape) for negative
// sizes and strides that overlap or leave gaps in both axes, Error(kUsage) for kBf16 where
// has_bf16() is false.
void matmul(const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b, const float* bias,
            const MatrixOut& c, Precision precision = Precision::kFp32);

// What matmul checks, and the form in which the kernels get their arguments: strides of axes of
// size 1 are made regular.
MatrixIn checked_matrix(const char* name, MatrixIn x, int64_t rows, int64_t columns, int64_t count);

void matmul_ref(const MatmulShape&, const MatrixIn& a, const MatrixIn& b, const float* bias,
                const MatrixOut& c, Precision precision = Precision::kFp32);
void matmul_dnnl(const MatmulShape&, const MatrixIn& a, const MatrixIn& b, const float* bias,
                 const MatrixOut& c, Precision precision);

}  // namespace braid
