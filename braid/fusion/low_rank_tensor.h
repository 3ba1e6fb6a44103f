// Recipe keys of low_rank_tensor. Torch-free.
#pragma once

#include "braid/core/config.h"

namespace braid {

struct LowRankTensorConfig {
  int64_t rank = 4;
};

template <class Field>
void visit(Field&& field, LowRankTensorConfig& c) {
  field("rank", c.rank, closed<int64_t>(1, 1024), "of the tensor that joins all modalities");
}

}  // namespace braid
