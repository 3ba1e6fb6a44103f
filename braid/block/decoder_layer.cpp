#include "braid/block/decoder_layer.h"

#include <torch/types.h>

#include "braid/block/attention.h"
#include "braid/block/cross_attention.h"
#include "braid/block/dropout.h"

namespace braid {

DecoderLayer::DecoderLayer(const TransformerShape& shape, double drop_path, bool cross)
    : width_(shape.width),
      heads_(shape.heads),
      dropout_(shape.dropout),
      attention_dropout_(shape.attention_dropout),
      drop_path_(drop_path) {
  expect_heads(shape.heads, shape.width);
  const int64_t d = shape.width;
  self_norm_ = register_module("self_norm", std::make_shared<LayerNorm>(d));
  self_input_ = register_module("self_input", std::make_shared<Linear>(d, 3 * d));
  self_output_ = register_module("self_output", std::make_shared<Linear>(d, d));
  if (cross) {
    cross_norm_ = register_module("cross_norm", std::make_shared<LayerNorm>(d));
    cross_query_ = register_module("cross_query", std::make_shared<Linear>(d, d));
    cross_source_ = register_module("cross_source", std::make_shared<Linear>(d, 2 * d));
    // Without bias: a sample without a source gets nothing from it.
    cross_output_ = register_module("cross_output", std::make_shared<Linear>(d, d, false));
  }
  mlp_norm_ = register_module("mlp_norm", std::make_shared<LayerNorm>(d));
  mlp_ = register_module("mlp", std::make_shared<Mlp>(d, shape.mlp_ratio * d, d));
}

at::Tensor DecoderLayer::source_keys_values(const at::Tensor& source) const {
  return cross_source_ ? cross_source_->forward(source) : at::Tensor();
}

at::Tensor DecoderLayer::branch(const at::Tensor& y, const Segments& texts) const {
  return drop_path(apply_dropout(y, dropout_, is_training()), texts, drop_path_, is_training());
}

at::Tensor DecoderLayer::over_source(const at::Tensor& x, const Segments& samples,
                                     const SourceRows& source, at::Tensor* weights) const {
  const auto q = cross_query_->forward(x, *cross_norm_);
  const double drop = is_training() ? attention_dropout_ : 0;
  const auto& kv = source.keys_values;
  return cross_output_->forward(
      weights ? attend_seen(q, kv, samples, source.of_source, heads_, drop, weights)
              : attend_across(q, kv, samples, source.of_source, heads_, drop));
}

at::Tensor DecoderLayer::forward(const at::Tensor& x, const Segments& texts,
                                 const Segments& samples, const SourceRows& source,
                                 LayerLook* look) const {
  const double drop = is_training() ? attention_dropout_ : 0;
  const auto qkv = self_input_->forward(x, *self_norm_);
  const auto seen =
      attend_rows(qkv, texts, heads_, drop, look ? &look->self : nullptr, /*causal=*/true);
  auto y = x + branch(self_output_->forward(seen), texts);
  if (cross_source_) {
    auto* weights = look ? &look->source : nullptr;
    y = y + branch(over_source(y, samples, source, weights), texts);
  }
  return y + branch(mlp_->forward(y, *mlp_norm_), texts);
}

at::Tensor DecoderLayer::next(const at::Tensor& x, at::Tensor& past, const Segments& samples,
                              const SourceRows& source) const {
  const int64_t n = x.size(0);
  const auto qkv = self_input_->forward(x, *self_norm_);
  const auto own = qkv.narrow(1, width_, 2 * width_).unsqueeze(1);  // [n, 1, 2 D]
  past = past.defined() ? at::cat({past, own}, 1) : own.contiguous();
  const int64_t t = past.size(1);
  const auto seen = attend_across(qkv.narrow(1, 0, width_), past.view({n * t, 2 * width_}),
                                  Segments::uniform(n, 1), Segments::uniform(n, t), heads_);
  auto y = x + self_output_->forward(seen);
  if (cross_source_) y = y + over_source(y, samples, source, nullptr);
  return y + mlp_->forward(y, *mlp_norm_);
}

}  // namespace braid
