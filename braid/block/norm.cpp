#include "braid/block/norm.h"

#include <torch/types.h>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr double kMomentum = 0.1;

}  // namespace

LayerNorm::LayerNorm(int64_t width) {
  weight_ = register_parameter("weight", at::ones({width}));
  bias_ = register_parameter("bias", at::zeros({width}));
}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  return at::layer_norm(x, weight_.sizes(), weight_, bias_, kEpsilon);
}

ImageNorm::ImageNorm(int64_t channels) {
  weight_ = register_parameter("weight", at::ones({channels}));
  bias_ = register_parameter("bias", at::zeros({channels}));
}

void ImageNorm::zero_weight() {
  const at::NoGradGuard no_grad;
  weight_.zero_();
}

BatchNorm::BatchNorm(int64_t channels) : ImageNorm(channels) {
  mean_ = register_buffer("running_mean", at::zeros({channels}));
  variance_ = register_buffer("running_variance", at::ones({channels}));
}

at::Tensor BatchNorm::forward(const at::Tensor& x) {
  if (is_training() && x.numel() <= x.size(1)) {
    throw Error(
        ErrorCode::kInput,
        "batch_norm: one value a channel has no variance; use a larger batch or norm: group");
  }
  return at::batch_norm(x, weight_, bias_, mean_, variance_, is_training(), kMomentum, kEpsilon,
                        false);
}

GroupNorm::GroupNorm(int64_t channels, int64_t groups) : ImageNorm(channels), groups_(groups) {
  if (groups < 1 || channels % groups != 0) {
    throw Error(ErrorCode::kShape, "group_norm: " + std::to_string(groups) +
                                       " groups do not divide " + std::to_string(channels) +
                                       " channels");
  }
}

at::Tensor GroupNorm::forward(const at::Tensor& x) {
  return at::group_norm(x, groups_, weight_, bias_, kEpsilon, false);
}

}  // namespace braid
