// y = x w^T + b and its gradients, on matmul. Free of torch.
//
//   dx = dy w,  dw = dy^T x,  db = sum over rows of dy
#pragma once

#include <cstdint>

#include "braid/kernel/matmul.h"

namespace braid {

struct LinearShape {
  int64_t rows = 0;
  int64_t in = 0;
  int64_t out = 0;
};

// Rows of floats; `stride` elements from one row to the next, the columns adjacent.
struct RowsIn {
  const float* data = nullptr;
  int64_t stride = 0;
};
struct RowsOut {
  float* data = nullptr;
  int64_t stride = 0;
};

// x [rows, in], w [out, in], bias [out] or null, y [rows, out]. Outputs are overwritten and must
// not overlap inputs. Throws as matmul does.
void linear_forward(const LinearShape& shape, RowsIn x, RowsIn w, const float* bias, RowsOut y,
                    Precision precision = Precision::kFp32);
void linear_backward_input(const LinearShape& shape, RowsIn dy, RowsIn w, RowsOut dx,
                           Precision precision = Precision::kFp32);
void linear_backward_weight(const LinearShape& shape, RowsIn dy, RowsIn x, RowsOut dw,
                            Precision precision = Precision::kFp32);
void linear_backward_bias(const LinearShape& shape, RowsIn dy, float* db);

}  // namespace braid
