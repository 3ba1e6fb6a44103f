#include "braid/block/transformer.h"

#include <torch/types.h>

#include "braid/block/dropout.h"

namespace braid {

double drop_path_at(const TransformerShape& shape, int64_t i) {
  return shape.depth > 1 ? shape.drop_path * i / (shape.depth - 1) : shape.drop_path;
}

double block_flops(const TransformerShape& shape, int64_t steps) {
  const double t = steps, d = shape.width;
  return 2 * t * d * d * (4 + 2 * shape.mlp_ratio) + 4 * t * t * d;
}

TransformerBlock::TransformerBlock(const TransformerShape& shape, double drop_path)
    : dropout_(shape.dropout), drop_path_(drop_path) {
  attention_norm_ = register_module("attention_norm", std::make_shared<LayerNorm>(shape.width));
  attention_ = register_module(
      "attention", std::make_shared<Attention>(shape.width, shape.heads, shape.attention_dropout));
  mlp_norm_ = register_module("mlp_norm", std::make_shared<LayerNorm>(shape.width));
  mlp_ = register_module(
      "mlp", std::make_shared<Mlp>(shape.width, shape.mlp_ratio * shape.width, shape.width));
}

at::Tensor TransformerBlock::forward(const at::Tensor& x, const Segments& segments,
                                     at::Tensor* weights) const {
  const auto branch = [&](const at::Tensor& y) {
    return drop_path(apply_dropout(y, dropout_, is_training()), segments, drop_path_,
                     is_training());
  };
  const auto seen = x + branch(attention_->forward(x, segments, *attention_norm_, weights));
  return seen + branch(mlp_->forward(seen, *mlp_norm_));
}

Transformer::Transformer(const TransformerShape& shape) : shape_(shape) {
  for (int64_t i = 0; i < shape.depth; ++i) {
    blocks_.push_back(register_module(
        std::to_string(i), std::make_shared<TransformerBlock>(shape, drop_path_at(shape, i))));
  }
  norm_ = register_module("norm", std::make_shared<LayerNorm>(shape.width));
}

at::Tensor Transformer::forward(const at::Tensor& x, const Segments& segments) const {
  auto y = x;
  for (const auto& block : blocks_) y = block->forward(y, segments);
  return norm_->forward(y);
}

double Transformer::flops(int64_t steps) const {
  return shape_.depth * block_flops(shape_, steps);
}

}  // namespace braid
