#include "braid/fusion/mixer.h"

#include <torch/types.h>

#include "braid/block/dropout.h"

namespace braid {

Mixer::Mixer(const JointConfig& config, int64_t length, int64_t width)
    : config_(config), length_(length), width_(width) {
  const auto mlp = [&](const std::string& name, int64_t size) {
    return register_module(name, std::make_shared<Mlp>(size, config.mlp_ratio * size, size));
  };
  const auto norm = [&](const std::string& name) {
    return register_module(name, std::make_shared<LayerNorm>(width));
  };
  for (int64_t i = 0; i < config.depth; ++i) {
    const auto number = std::to_string(i);
    const double path =
        config.depth > 1 ? config.drop_path * i / (config.depth - 1) : config.drop_path;
    Block block;
    block.step_norm = norm("step_norm" + number);
    block.steps = mlp("steps" + number, length);
    block.value_norm = norm("value_norm" + number);
    block.values = mlp("values" + number, width);
    block.drop_path = path;
    blocks_.push_back(std::move(block));
  }
  norm_ = norm("norm");
}

at::Tensor Mixer::forward(const at::Tensor& x) const {
  auto y = x;
  for (const auto& block : blocks_) {
    const auto branch = [&](const at::Tensor& z) {
      return drop_path(apply_dropout(z, config_.dropout, is_training()), block.drop_path,
                       is_training());
    };
    const auto across = block.step_norm->forward(y).transpose(1, 2);  // [B, D, L]
    y = y + branch(block.steps->forward(across).transpose(1, 2));
    y = y + branch(block.values->forward(block.value_norm->forward(y)));
  }
  return norm_->forward(y);
}

double Mixer::flops() const {
  const double l = length_, d = width_;
  return static_cast<double>(config_.depth) * 4 * static_cast<double>(config_.mlp_ratio) * l * d *
         (l + d);
}

}  // namespace braid
