// Heads side by side in the rows of a tensor, as braid/kernel/attention reads and writes them. For
// .cpp files of this folder.
#pragma once

#include <torch/types.h>

#include <cmath>
#include <vector>

#include "braid/kernel/attention.h"

namespace braid {

// The offsets must outlive the shape.
inline AttentionShape attention_shape(const std::vector<int64_t>& queries,
                                      const std::vector<int64_t>& keys, int64_t heads,
                                      int64_t width, bool causal = false) {
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  return {queries, keys, heads, width, static_cast<float>(scale), causal};
}

// Part 0, 1, 2 of rows [N, 3 D]: queries, keys, values. Part 0 of rows [N, D] is all of it.
inline HeadsIn heads_in(const at::Tensor& x, int64_t part, const AttentionShape& shape) {
  return {x.data_ptr<float>() + part * shape.heads * shape.width, x.size(1), shape.width};
}

inline HeadsOut heads_out(const at::Tensor& x, int64_t part, const AttentionShape& shape) {
  return {x.data_ptr<float>() + part * shape.heads * shape.width, x.size(1), shape.width};
}

}  // namespace braid
