// A table's cells as vectors, one a column:
//   token_c = vector[id_c] + sum_p number_cp * weight_cp
// So a number is value * weight + bias, a category is a vector of its own, and so is a missing cell
// (feature tokenizer of Gorishniy et al. 2021, section 3.3).
#pragma once

#include "braid/block/embedding_table.h"

namespace braid {

struct TableShape {
  int64_t columns = 0;  // C
  int64_t numbers = 0;  // P
  int64_t ids = 0;
};

class CellTokens : public Module {
 public:
  CellTokens(const TableShape& shape, int64_t width);

  // values [B, C, 1 + P] -> [B, C, D]. Throws Error(kShape), Error(kInput) for an id that is none.
  at::Tensor forward(const at::Tensor& values) const;

 private:
  TableShape shape_;
  std::shared_ptr<EmbeddingTable> vectors_;
  at::Tensor weights_;  // [C, P, D]
};

}  // namespace braid
