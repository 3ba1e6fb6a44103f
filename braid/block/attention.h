// Multi-head self-attention (Vaswani et al. 2017, eq. 1):
//   out = concat over heads of softmax(Q K^T / sqrt(d)) V, then a linear layer; Q, K, V = x W.
#pragma once

#include "braid/block/linear.h"

namespace braid {

// q, k, v [N, T, d] (k, v: [N, S, d]), N = batch * heads; mask [B, S] bool of keys or undefined, N
// a multiple of B. `drop` is the dropout of the weights, 0 outside training. A row with nothing to
// look at gives zeros.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& mask, double drop = 0);

class Attention : public Module {
 public:
  // Throws Error(kShape) unless heads divides width.
  Attention(int64_t width, int64_t heads, double dropout = 0);

  at::Tensor forward(const at::Tensor& x,
                     const at::Tensor& mask) const;  // [B, T, D], mask [B, T] -> [B, T, D]

 private:
  int64_t heads_;
  double dropout_;
  std::shared_ptr<Linear> input_;   // D -> 3 D: queries, keys, values
  std::shared_ptr<Linear> output_;  // D -> D
};

}  // namespace braid
