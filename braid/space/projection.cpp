#include "braid/space/projection.h"

#include <torch/types.h>

namespace braid {

Projection::Projection(const ProjectionConfig& config, int64_t in) : width_(config.width) {
  if (config.kind == ProjectionKind::kLinear) {
    linear_ = register_module("linear", std::make_shared<Linear>(in, config.width));
    flops_ = 2.0 * static_cast<double>(in * config.width);
  } else {
    mlp_ = register_module("mlp", std::make_shared<Mlp>(in, config.hidden, config.width));
    flops_ = 2.0 * static_cast<double>((in + config.width) * config.hidden);
  }
}

at::Tensor Projection::forward(const at::Tensor& x) const {
  return linear_ ? linear_->forward(x) : mlp_->forward(x);
}

double Projection::flops() const { return flops_; }

}  // namespace braid
