#include "braid/head/answer_layers.h"

#include <torch/types.h>

#include "braid/block/dropout.h"

namespace braid {

AnswerLayers::AnswerLayers(const HeadConfig& config, int64_t in, int64_t out)
    : dropout_(config.dropout), norm_(register_module("norm", std::make_shared<LayerNorm>(in))) {
  if (config.hidden == 0) {
    linear_ = register_module("linear", std::make_shared<Linear>(in, out));
    flops_ = 2.0 * static_cast<double>(in * out);
  } else {
    mlp_ = register_module("mlp", std::make_shared<Mlp>(in, config.hidden, out));
    flops_ = 2.0 * static_cast<double>((in + out) * config.hidden);
  }
}

at::Tensor AnswerLayers::forward(const at::Tensor& x) const {
  const auto y = apply_dropout(norm_->forward(x), dropout_, is_training());
  return linear_ ? linear_->forward(y) : mlp_->forward(y);
}

}  // namespace braid
