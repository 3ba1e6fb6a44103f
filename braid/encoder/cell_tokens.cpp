#include "braid/encoder/cell_tokens.h"

#include <torch/types.h>

#include "braid/block/initial.h"
#include "braid/core/error.h"

namespace braid {
namespace {

constexpr double kCellDeviation = 0.1;
constexpr double kNumberDeviation = 0.2;

}  // namespace

CellTokens::CellTokens(const TableShape& shape, int64_t width) : shape_(shape) {
  vectors_ = register_module("vectors",
                             std::make_shared<EmbeddingTable>(shape.ids, width, kCellDeviation));
  weights_ = register_parameter(
      "weights", normal_weights({shape.columns, shape.numbers, width}, kNumberDeviation));
}

at::Tensor CellTokens::forward(const at::Tensor& values) const {
  if (values.dim() != 3 || values.size(1) != shape_.columns ||
      values.size(2) != 1 + shape_.numbers || !values.is_floating_point()) {
    throw Error(ErrorCode::kShape, "table: expected float values [B, " +
                                       std::to_string(shape_.columns) + ", " +
                                       std::to_string(1 + shape_.numbers) + "]");
  }
  const auto ids = values.select(2, 0).to(at::kLong);                        // [B, C]
  const auto numbers = values.narrow(2, 1, shape_.numbers).transpose(0, 1);  // [C, B, P]
  const auto scaled = at::bmm(numbers, weights_).transpose(0, 1);            // [B, C, D]
  return vectors_->forward(ids) + scaled;
}

}  // namespace braid
