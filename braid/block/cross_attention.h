// Multi-head attention of one ragged set over another (Vaswani et al. 2017, eq. 1): the rows of a
// sample in the first look at the rows of the same sample in the second.
//   out = W_o concat over heads of softmax(Q K^T / sqrt(d)) V,  Q = W_q x,  K, V = W_kv y
// A row whose sample has nothing in the second set gives zeros: W_o has no bias, so that what is
// not there adds nothing.
//
// CPU float32 takes braid/kernel/attention. Other devices and types, dropout of the weights in
// training, and a caller who wants to see the weights take torch's operators on the padded batch.
#pragma once

#include "braid/block/linear.h"
#include "braid/block/segments.h"

namespace braid {

// Queries q [N, D]; keys and values side by side kv [M, 2 D], each of `heads` heads -> [N, D].
// `drop` is the dropout of the weights, 0 outside training. `weights`, where not null, receives
// them, without gradient and before dropout: [B, T, S], mean over heads; a row of a real query with
// a key sums to 1, all other rows are zeros. `causal`: query t of a sample sees its keys 0 .. t only.
// Throws Error(kShape).
at::Tensor attend_across(const at::Tensor& q, const at::Tensor& kv, const Segments& queries,
                         const Segments& keys, int64_t heads, double drop = 0,
                         at::Tensor* weights = nullptr, bool causal = false);

// The same by torch's operators, for who follows gradients through the weights: `weights` receives
// them in the graph, of each head [B * H, T, S], rows of padding too.
at::Tensor attend_seen(const at::Tensor& q, const at::Tensor& kv, const Segments& queries,
                       const Segments& keys, int64_t heads, double drop, at::Tensor* weights,
                       bool causal = false);

class CrossAttention : public Module {
 public:
  // Throws Error(kShape) unless heads divides width.
  CrossAttention(int64_t width, int64_t heads, double dropout = 0);

  // x [N, D], source [M, D] -> [N, D]; weights as above.
  at::Tensor forward(const at::Tensor& x, const Segments& segments, const at::Tensor& source,
                     const Segments& source_segments, at::Tensor* weights = nullptr) const;

 private:
  int64_t heads_;
  double dropout_;
  std::shared_ptr<Linear> query_;   // D -> D
  std::shared_ptr<Linear> source_;  // D -> 2 D: keys, values
  std::shared_ptr<Linear> output_;  // D -> D
};

}  // namespace braid
