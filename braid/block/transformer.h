// A stack of pre-norm transformer blocks (Vaswani et al. 2017; pre-norm: Xiong et al. 2020):
//   x += drop(attention(norm(x)));  x += drop(mlp(norm(x)));  mlp = linear, GELU, linear
// and a norm at the end. Tokens are rows [N, D] of all samples, without padding (segments.h).
// Drop-path grows from 0 at the first block to its full value at the last.
#pragma once

#include "braid/block/attention.h"
#include "braid/block/mlp.h"
#include "braid/block/norm.h"

namespace braid {

struct TransformerShape {
  int64_t width = 0;
  int64_t depth = 0;  // blocks; 0 leaves the final norm alone
  int64_t heads = 1;
  int64_t mlp_ratio = 4;         // hidden width of the MLP, in widths
  double dropout = 0;            // of each branch's output
  double attention_dropout = 0;  // of attention weights
  double drop_path = 0;          // of whole branches, per sample
};

// Of block `i` of shape.depth: 0 at the first, shape.drop_path at the last and at a lone one.
double drop_path_at(const TransformerShape& shape, int64_t i);

// Floating-point operations of one block over `steps` tokens of one sample.
double block_flops(const TransformerShape& shape, int64_t steps);

class TransformerBlock : public Module {
 public:
  TransformerBlock(const TransformerShape& shape, double drop_path);
  // [N, D] -> [N, D]; weights as attend_rows gives them.
  at::Tensor forward(const at::Tensor& x, const Segments& segments,
                     at::Tensor* weights = nullptr) const;
  // Of the rows `some` [R] of x alone, which are those of `queries`: [R, D].
  at::Tensor forward_some(const at::Tensor& x, const Segments& segments, const at::Tensor& some,
                          const Segments& queries) const;

 private:
  at::Tensor branch(const at::Tensor& y, const Segments& segments) const;

  double dropout_, drop_path_;
  std::shared_ptr<LayerNorm> attention_norm_, mlp_norm_;
  std::shared_ptr<Attention> attention_;
  std::shared_ptr<Mlp> mlp_;
};

// The token of each sample that is read at the end.
enum class OneToken { kFirst, kLast };

class Transformer : public Module {
 public:
  explicit Transformer(const TransformerShape& shape);
  at::Tensor forward(const at::Tensor& x, const Segments& segments) const;  // [N, D] -> [N, D]
  // One token of each sample: [N, D] -> [B, D], zeros of a sample without any. The last block makes
  // keys and values of all tokens and nothing else of the others: five sixths of it are left out.
  at::Tensor forward_one(const at::Tensor& x, const Segments& segments, OneToken which) const;

  int64_t width() const { return shape_.width; }

  // Floating-point operations of one forward pass over `steps` tokens of one sample.
  double flops(int64_t steps) const;

 private:
  TransformerShape shape_;
  std::vector<std::shared_ptr<TransformerBlock>> blocks_;
  std::shared_ptr<LayerNorm> norm_;
};

}  // namespace braid
