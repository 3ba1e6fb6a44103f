#include "braid/kernel/matmul.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/kernel/choice.h"

namespace braid {
namespace {

constexpr std::array kMatmulKernels = {MatmulKernel{"dnnl", matmul_dnnl},
                                       MatmulKernel{"ref", matmul_ref}};

}  // namespace

std::span<const MatmulKernel> matmul_kernels() { return kMatmulKernels; }

MatrixIn checked_matrix(const char* name, MatrixIn x, int64_t rows, int64_t columns,
                        int64_t count) {
  if (rows == 1 && x.column != 1) x.row = 1;
  if (columns == 1 && x.row != 1) x.column = 1;
  if (rows == 1 && x.column == 1) x.row = columns;
  if (columns == 1 && x.row == 1) x.column = rows;
  const bool by_row = x.column == 1 && x.row >= columns;
  const bool by_column = x.row == 1 && x.column >= rows;
  if (!by_row && !by_column) {
    throw Error(ErrorCode::kShape, std::string("matmul: ") + name + " of " + std::to_string(rows) +
                                       " x " + std::to_string(columns) + " has strides " +
                                       std::to_string(x.row) + ", " + std::to_string(x.column) +
                                       "; expected 1 and one not less than the other axis");
  }
  const int64_t extent = (rows - 1) * x.row + (columns - 1) * x.column + 1;
  if (count == 1) x.batch = extent;
  if (x.batch < extent) {
    throw Error(ErrorCode::kShape, std::string("matmul: matrices of ") + name +
                                       " overlap: batch stride " + std::to_string(x.batch) + " < " +
                                       std::to_string(extent));
  }
  return x;
}

void matmul(const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b, const float* bias,
            const MatrixOut& c, Precision precision) {
  if (std::min({shape.batch, shape.m, shape.k, shape.n}) < 0) {
    throw Error(ErrorCode::kShape, "matmul: negative size");
  }
  if (bias && shape.batch != 1) {
    throw Error(ErrorCode::kShape, "matmul: a bias goes with one matrix, got a batch of " +
                                       std::to_string(shape.batch));
  }
  if (precision == Precision::kBf16 && !has_bf16()) {
    throw Error(ErrorCode::kUsage, "matmul: this processor does not multiply bfloat16");
  }
  if (shape.batch == 0 || shape.m == 0 || shape.n == 0) return;
  const auto to = checked_matrix("c", {c.data, c.row, 1, c.batch}, shape.m, shape.n, shape.batch);
  const MatrixOut out{c.data, to.column == 1 ? to.row : shape.n, to.batch, c.add};
  if (shape.k == 0)
    return matmul_ref(shape, a, b, bias, out, precision);  // nothing to sum: bias or zeros
  const auto run = use_kernels() ? matmul_dnnl : matmul_ref;
  run(shape, checked_matrix("a", a, shape.m, shape.k, shape.batch),
      checked_matrix("b", b, shape.k, shape.n, shape.batch), bias, out, precision);
}

}  // namespace braid
