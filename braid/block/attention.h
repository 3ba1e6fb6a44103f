// Multi-head self-attention (Vaswani et al. 2017, eq. 1):
//   out = concat over heads of softmax(Q K^T / sqrt(d)) V, then a linear layer; Q, K, V = x W.
//
// CPU float32 takes braid/kernel/attention, which reads Q, K, V where the projection wrote them and
// skips what no sample has. Other devices and types, dropout of the weights in training, and a
// caller who wants to see the weights take torch's operators on the padded batch. One set looking
// at another: cross_attention.h.
#pragma once

#include "braid/block/linear.h"
#include "braid/block/segments.h"

namespace braid {

// q, k, v [N, T, d] (k, v: [N, S, d]), N = batch * heads; mask [B, S] bool of keys or undefined, N
// a multiple of B. `drop` is the dropout of the weights, 0 outside training. A row with nothing to
// look at gives zeros. `weights`, where not null, receives them before dropout: [N, T, S].
// `causal`: query t sees keys 0 .. t only.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& mask, double drop = 0, at::Tensor* weights = nullptr,
                  bool causal = false);

// Rows of queries, keys and values side by side [N, 3 D], each of `heads` heads -> [N, D]. Every
// row looks at the rows of its own sample, where `causal` at itself and those before.
// `weights` as attend_across gives them: [B, T, T].
at::Tensor attend_rows(const at::Tensor& qkv, const Segments& segments, int64_t heads,
                       double drop = 0, at::Tensor* weights = nullptr, bool causal = false);

// Throws Error(kShape) unless heads divides width.
void expect_heads(int64_t heads, int64_t width);

class Attention : public Module {
 public:
  // Throws Error(kShape) unless heads divides width.
  Attention(int64_t width, int64_t heads, double dropout = 0);

  // [N, D] -> [N, D]
  at::Tensor forward(const at::Tensor& x, const Segments& segments,
                     at::Tensor* weights = nullptr) const;
  // Of norm(x), to the bit, in less memory.
  at::Tensor forward(const at::Tensor& x, const Segments& segments, const LayerNorm& norm,
                     at::Tensor* weights = nullptr) const;
  // What the rows `some` [R, D] of `queries` see of norm(x), which they are rows of: [R, D].
  at::Tensor forward_some(const at::Tensor& some, const Segments& queries, const at::Tensor& x,
                          const Segments& segments, const LayerNorm& norm) const;

 private:
  at::Tensor look(const at::Tensor& qkv, const Segments& segments, at::Tensor* weights) const;

  int64_t heads_;
  double dropout_;
  std::shared_ptr<Linear> input_;   // D -> 3 D: queries, keys, values
  std::shared_ptr<Linear> output_;  // D -> D
};

}  // namespace braid
