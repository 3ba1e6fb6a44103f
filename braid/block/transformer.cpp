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
  const auto look = attention_->forward(x, segments, *attention_norm_, weights);
  const auto seen = x + branch(look, segments);
  return seen + branch(mlp_->forward(seen, *mlp_norm_), segments);
}

at::Tensor TransformerBlock::forward_some(const at::Tensor& x, const Segments& segments,
                                          const at::Tensor& some, const Segments& queries) const {
  const auto own = x.index_select(0, some);  // [R, D]
  const auto look = attention_->forward_some(own, queries, x, segments, *attention_norm_);
  const auto seen = own + branch(look, queries);
  return seen + branch(mlp_->forward(seen, *mlp_norm_), queries);
}

at::Tensor TransformerBlock::branch(const at::Tensor& y, const Segments& segments) const {
  return drop_path(apply_dropout(y, dropout_, is_training()), segments, drop_path_, is_training());
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

at::Tensor Transformer::forward_one(const at::Tensor& x, const Segments& segments,
                                    OneToken which) const {
  const auto& offsets = segments.offsets();
  std::vector<int64_t> lengths, rows, owners;  // of samples with a token: its row, the sample
  for (int64_t i = 0; i < segments.count(); ++i) {
    const auto begin = offsets[static_cast<size_t>(i)], end = offsets[static_cast<size_t>(i) + 1];
    lengths.push_back(begin < end ? 1 : 0);
    if (begin == end) continue;
    rows.push_back(which == OneToken::kFirst ? begin : end - 1);
    owners.push_back(i);
  }
  const auto index = [&](const std::vector<int64_t>& from) {
    return at::tensor(from, at::kLong).to(x.device());
  };
  auto y = x;
  for (size_t i = 0; i + 1 < blocks_.size(); ++i) y = blocks_[i]->forward(y, segments);
  const auto some = index(rows);
  y = blocks_.empty() ? y.index_select(0, some)
                      : blocks_.back()->forward_some(y, segments, some,
                                                     Segments::of_lengths(lengths, x.device()));
  y = norm_->forward(y);  // [R, D]
  if (std::ssize(owners) == segments.count()) return y;
  return at::zeros({segments.count(), y.size(1)}, y.options()).index_copy(0, index(owners), y);
}

double Transformer::flops(int64_t steps) const {
  return shape_.depth * block_flops(shape_, steps);
}

}  // namespace braid
