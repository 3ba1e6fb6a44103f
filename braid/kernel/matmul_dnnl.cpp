// matmul through oneDNN, in the way that is fastest for the shape. A rule of the shape alone, so
// that the same shape always gives the same bits; docs/adr/0008-products.md, measured by
// bench/matmul.cpp.
#include <vector>

#include "braid/kernel/dnnl_product.h"
#include "braid/kernel/matmul.h"
#include "braid/kernel/small_work.h"

namespace braid {
namespace {

constexpr int64_t kManyRows = 1024;       // from here on a copy of b pays
constexpr int64_t kLargeB = 3 << 19;      // elements: outgrows the cache
constexpr int64_t kTurnedColumns = 1024;  // long sums over rows: gradients of weights

DnnlWay best_way(const MatmulShape& s, const MatrixIn& a, const MatrixIn& b, Precision precision) {
  if (s.batch != 1) return DnnlWay::kPlain;
  if (precision == Precision::kBf16) return DnnlWay::kBf16;
  if (a.column != 1) return s.k >= kTurnedColumns ? DnnlWay::kSgemm : DnnlWay::kPlain;
  if (s.m >= kManyRows) return DnnlWay::kPackedB;
  return b.column == 1 && s.k * s.n >= kLargeB ? DnnlWay::kSgemm : DnnlWay::kPlain;
}

// One column with gaps: made without them, then spread.
void run_column(const MatmulShape& s, const MatrixIn& a, const MatrixIn& b, const float* bias,
                const MatrixOut& c, Precision precision) {
  std::vector<float> column(static_cast<size_t>(s.batch * s.m));
  matmul_dnnl(s, a, b, bias, {column.data(), 1, s.m}, precision);
  for (int64_t i = 0; i < s.batch; ++i) {
    for (int64_t r = 0; r < s.m; ++r) {
      float& to = c.data[i * c.batch + r * c.row];
      to = column[static_cast<size_t>(i * s.m + r)] + (c.add ? to : 0);
    }
  }
}

}  // namespace

void matmul_dnnl(const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b, const float* bias,
                 const MatrixOut& c, Precision precision) {
  // oneDNN 3 takes the stride of a matrix with one column for no stride at all.
  if (shape.n == 1 && c.row > 1) return run_column(shape, a, b, bias, c, precision);
  const SmallWork work(2.0 * static_cast<double>(shape.batch * shape.m * shape.k * shape.n));
  run_dnnl(best_way(shape, a, b, precision), shape, a, b, bias, c);
}

}  // namespace braid
