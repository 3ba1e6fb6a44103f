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

at::Tensor unit_rows(const at::Tensor& x) {
  // Zero rows: the square root's slope at 0 would make NaN gradients, so the floor goes under it.
  return x * x.square().sum(-1, true).clamp_min(1e-24).rsqrt();
}

}  // namespace braid
