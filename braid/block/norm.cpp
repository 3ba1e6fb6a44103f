#include "braid/block/norm.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "braid/block/norm_rows.h"
#include "braid/block/rows.h"
#include "braid/core/error.h"
#include "braid/kernel/batch_norm.h"
#include "braid/kernel/choice.h"
#include "braid/kernel/norm.h"

namespace braid {
namespace {

constexpr double kMomentum = 0.1;

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct LayerNormFunction : public torch::autograd::Function<LayerNormFunction> {
  // x [N, width], w and b [width], contiguous
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w,
                            const at::Tensor& b) {
    const auto made = norm_rows(x, w, b);
    context->save_for_backward({x, w, made.mean, made.scale});
    return made.rows;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto got = norm_gradients(saved[0], saved[1], saved[2], saved[3],
                                    gradients[0].contiguous(), at::empty_like(saved[0]));
    return {got.dx, got.dw, got.db};
  }
};

float* floats(const at::Tensor& x) { return x.data_ptr<float>(); }

// In training. Moves the running statistics by kMomentum, the variance without bias, as torch does.
struct BatchNormFunction : public torch::autograd::Function<BatchNormFunction> {
  // x [B, C, H, W], channels last; w, b and the running statistics [C]
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w,
                            const at::Tensor& b, bool relu, at::Tensor running_mean,
                            at::Tensor running_variance) {
    const int64_t width = x.size(1), rows = x.numel() / width;
    auto y = at::empty_like(x);
    const auto mean = at::empty_like(w), variance = at::empty_like(w);
    batch_norm_forward(rows, width, {floats(x), floats(w), floats(b), kNormEpsilon, relu, floats(y),
                                     floats(mean), floats(variance)});
    const auto count = static_cast<double>(rows);
    running_mean.mul_(1 - kMomentum).add_(mean, kMomentum);
    running_variance.mul_(1 - kMomentum).add_(variance, kMomentum * count / (count - 1));
    context->saved_data["relu"] = relu;
    context->save_for_backward({x, w, b, mean, variance});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &w = saved[1];
    const auto dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    auto dx = at::empty_like(x);
    const auto dwb = at::empty({2, x.size(1)}, w.options());
    batch_norm_backward(x.numel() / x.size(1), x.size(1),
                        {floats(x), floats(w), floats(saved[2]), kNormEpsilon,
                         context->saved_data["relu"].toBool(), floats(saved[3]), floats(saved[4]),
                         floats(dy), floats(dx), floats(dwb)});
    return {dx, dwb[0], dwb[1], at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

LayerNorm::LayerNorm(int64_t width) {
  weight_ = register_parameter("weight", at::ones({width}));
  bias_ = register_parameter("bias", at::zeros({width}));
}

bool LayerNorm::has_kernel_for(const at::Tensor& x) const {
  const bool fits = x.dim() >= 1 && x.size(-1) == weight_.size(0);
  return fits && has_kernel(x) && use_kernels();
}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  if (has_kernel_for(x)) {
    return LayerNormFunction::apply(as_rows(x), weight_, bias_).view(x.sizes());
  }
  return at::layer_norm(x, weight_.sizes(), weight_, bias_, kNormEpsilon);
}

ImageNorm::ImageNorm(int64_t channels) {
  weight_ = register_parameter("weight", at::ones({channels}));
  bias_ = register_parameter("bias", at::zeros({channels}));
}

at::Tensor ImageNorm::forward_relu(const at::Tensor& x) { return at::relu(forward(x)); }

void ImageNorm::zero_weight() {
  const at::NoGradGuard no_grad;
  weight_.zero_();
}

BatchNorm::BatchNorm(int64_t channels) : ImageNorm(channels) {
  mean_ = register_buffer("running_mean", at::zeros({channels}));
  variance_ = register_buffer("running_variance", at::ones({channels}));
}

at::Tensor BatchNorm::normed(const at::Tensor& x, bool relu) {
  if (is_training() && x.numel() <= x.size(1)) {
    throw Error(
        ErrorCode::kInput,
        "batch_norm: one value a channel has no variance; use a larger batch or norm: group");
  }
  if (is_training() && has_kernel(x) && use_kernels() &&
      x.is_contiguous(at::MemoryFormat::ChannelsLast)) {
    return BatchNormFunction::apply(x, weight_, bias_, relu, mean_, variance_);
  }
  const auto y = at::batch_norm(x, weight_, bias_, mean_, variance_, is_training(), kMomentum,
                                kNormEpsilon, false);
  return relu ? at::relu(y) : y;
}

GroupNorm::GroupNorm(int64_t channels, int64_t groups) : ImageNorm(channels), groups_(groups) {
  if (groups < 1 || channels % groups != 0) {
    throw Error(ErrorCode::kShape, "group_norm: " + std::to_string(groups) +
                                       " groups do not divide " + std::to_string(channels) +
                                       " channels");
  }
}

at::Tensor GroupNorm::forward(const at::Tensor& x) {
  return at::group_norm(x, groups_, weight_, bias_, kNormEpsilon, false);
}

}  // namespace braid
