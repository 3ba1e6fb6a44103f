#include "braid/block/embedding_table.h"

#include <torch/types.h>

#include "braid/core/error.h"

namespace braid {

EmbeddingTable::EmbeddingTable(int64_t count, int64_t width, double deviation) {
  weight_ = register_parameter("weight", at::empty({count, width}).normal_(0, deviation));
}

at::Tensor EmbeddingTable::forward(const at::Tensor& ids) const {
  if (ids.scalar_type() != at::kLong) {
    throw Error(ErrorCode::kShape, std::string("embedding: expected int64 ids, got ") +
                                       c10::toString(ids.scalar_type()));
  }
  if (ids.numel() > 0) {
    const int64_t low = ids.min().item<int64_t>(), high = ids.max().item<int64_t>();
    if (low < 0 || high >= weight_.size(0)) {
      throw Error(ErrorCode::kInput, "embedding: id " + std::to_string(low < 0 ? low : high) +
                                         " is not below " + std::to_string(weight_.size(0)));
    }
  }
  return at::embedding(weight_, ids);
}

}  // namespace braid
