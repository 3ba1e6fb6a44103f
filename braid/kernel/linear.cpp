#include "braid/kernel/linear.h"

#include "braid/kernel/activation.h"

namespace braid {
namespace {

MatrixIn plain(RowsIn x) { return {x.data, x.stride, 1, 0}; }
MatrixIn transposed(RowsIn x) { return {x.data, 1, x.stride, 0}; }

}  // namespace

void linear_forward(const LinearShape& shape, RowsIn x, RowsIn w, const float* bias, RowsOut y,
                    Precision precision) {
  matmul({1, shape.rows, shape.in, shape.out}, plain(x), transposed(w), bias, {y.data, y.stride, 0},
         precision);
}

void linear_backward_input(const LinearShape& shape, RowsIn dy, RowsIn w, RowsOut dx,
                           Precision precision) {
  matmul({1, shape.rows, shape.out, shape.in}, plain(dy), plain(w), nullptr,
         {dx.data, dx.stride, 0}, precision);
}

void linear_backward_weight(const LinearShape& shape, RowsIn dy, RowsIn x, RowsOut dw,
                            Precision precision) {
  matmul({1, shape.out, shape.rows, shape.in}, transposed(dy), plain(x), nullptr,
         {dw.data, dw.stride, 0}, precision);
}

void linear_backward_bias(const LinearShape& shape, RowsIn dy, float* db) {
  column_sums(shape.rows, shape.out, dy.data, dy.stride, db);
}

}  // namespace braid
