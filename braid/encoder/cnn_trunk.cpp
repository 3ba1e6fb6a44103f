#include "braid/encoder/cnn_trunk.h"

#include <torch/types.h>

#include "braid/block/conv.h"
#include "braid/block/dropout.h"
#include "braid/block/norm.h"

namespace braid {
namespace {

at::Tensor activate(const at::Tensor& x, CnnActivation kind) {
  return kind == CnnActivation::kRelu ? at::relu(x) : at::gelu(x);
}

at::Tensor norm_activate(ImageNorm& norm, const at::Tensor& x, CnnActivation kind) {
  return kind == CnnActivation::kRelu ? norm.forward_relu(x) : at::gelu(norm.forward(x));
}

// Zeros where `real` is 0; undefined: everything is real.
at::Tensor only(const at::Tensor& x, const at::Tensor& real) {
  return real.defined() ? x * real : x;
}

std::shared_ptr<ImageNorm> make_norm(const CnnConfig& config, int64_t channels) {
  if (config.norm == CnnNorm::kBatch) return std::make_shared<BatchNorm>(channels);
  return std::make_shared<GroupNorm>(channels, std::max<int64_t>(1, channels / config.group_width));
}

}  // namespace

class CnnBlock final : public Module {
 public:
  CnnBlock(const CnnConfig& config, int64_t channels)
      : activation_(config.activation), drop_path_(config.drop_path) {
    first_ = register_module("first", std::make_shared<Conv2d>(channels, channels, 3, 1));
    first_norm_ = register_module("first_norm", make_norm(config, channels));
    second_ = register_module("second", std::make_shared<Conv2d>(channels, channels, 3, 1));
    second_norm_ = register_module("second_norm", make_norm(config, channels));
    second_norm_->zero_weight();
  }

  // [B, C, H, W], same shape; `real` [B, 1, H, 1] or undefined
  at::Tensor forward(const at::Tensor& x, const at::Tensor& real) {
    const auto inner = norm_activate(*first_norm_, first_->forward(x), activation_);
    const auto branch = second_norm_->forward(second_->forward(only(inner, real)));
    return only(activate(x + drop_path(branch, drop_path_, is_training()), activation_), real);
  }

  double flops(int64_t height, int64_t width) const {
    return first_->flops(height, width) + second_->flops(height, width);
  }

 private:
  CnnActivation activation_;
  double drop_path_;
  std::shared_ptr<Conv2d> first_, second_;
  std::shared_ptr<ImageNorm> first_norm_, second_norm_;
};

class CnnStage final : public Module {
 public:
  CnnStage(const CnnConfig& config, int64_t in, int64_t out, int64_t stride, int64_t blocks)
      : stride_(stride), activation_(config.activation) {
    entry_ = register_module("entry", std::make_shared<Conv2d>(in, out, 3, stride));
    norm_ = register_module("norm", make_norm(config, out));
    for (int64_t i = 0; i < blocks; ++i) {
      blocks_.push_back(
          register_module(std::to_string(i), std::make_shared<CnnBlock>(config, out)));
    }
  }

  // [B, in, H, W] -> [B, out, ceil(H/stride), ceil(W/stride)]; rows as CnnTrunk::map
  at::Tensor forward(const at::Tensor& x, at::Tensor* rows) {
    at::Tensor real;
    if (rows->defined()) {
      *rows = rows->slice(1, 0, rows->size(1), stride_);
      real = rows->unsqueeze(1).unsqueeze(3).to(x.scalar_type());
    }
    auto y = only(norm_activate(*norm_, entry_->forward(x), activation_), real);
    for (const auto& block : blocks_) y = block->forward(y, real);
    return y;
  }

  int64_t side_after(int64_t side) const { return (side + stride_ - 1) / stride_; }

  double flops(int64_t height, int64_t width) const {
    double sum = entry_->flops(height, width);
    for (const auto& block : blocks_) sum += block->flops(height, width);
    return sum;
  }

 private:
  int64_t stride_;
  CnnActivation activation_;
  std::shared_ptr<Conv2d> entry_;
  std::shared_ptr<ImageNorm> norm_;
  std::vector<std::shared_ptr<CnnBlock>> blocks_;
};

CnnTrunk::CnnTrunk(const CnnConfig& config, int64_t channels) : config_(config) {
  int64_t in = channels;
  for (size_t i = 0; i < config.stages.size(); ++i) {
    const int64_t blocks = config.blocks[config.blocks.size() == 1 ? 0 : i];
    const int64_t stride = i == 0 ? config.stem_stride : 2;
    stages_.push_back(
        register_module("stage" + std::to_string(i),
                        std::make_shared<CnnStage>(config, in, config.stages[i], stride, blocks)));
    in = config.stages[i];
  }
  if (config.pooling == CnnPooling::kAttention)
    pool_ = register_module("pool", std::make_shared<AttentionPool>(in));
}

CnnTrunk::~CnnTrunk() = default;

at::Tensor CnnTrunk::map(const at::Tensor& values, at::Tensor* rows) const {
  // Channels last makes convolutions faster, and group norms slower by more.
  const bool channels_last = config_.norm == CnnNorm::kBatch && values.is_cpu();
  auto x = channels_last ? values.contiguous(at::MemoryFormat::ChannelsLast) : values;
  for (const auto& stage : stages_) x = stage->forward(x, rows);
  return x;
}

at::Tensor CnnTrunk::pool(const at::Tensor& tokens, const at::Tensor& mask) const {
  at::Tensor pooled;
  if (pool_) {
    pooled = pool_->forward(tokens, mask);
  } else {
    pooled = mask.defined() ? masked_mean(tokens, mask) : tokens.mean(1);
    if (config_.pooling == CnnPooling::kMeanMax) {
      const auto lowest = -std::numeric_limits<float>::infinity();
      const auto highest = mask.defined() ? tokens.masked_fill(~mask.unsqueeze(2), lowest)
                                                .amax(1)
                                                .masked_fill(~mask.any(1, /*keepdim=*/true), 0)
                                          : tokens.amax(1);
      pooled = at::cat({pooled, highest}, 1);
    }
  }
  return apply_dropout(pooled, config_.dropout, is_training());
}

int64_t CnnTrunk::width() const {
  return config_.stages.back() * (config_.pooling == CnnPooling::kMeanMax ? 2 : 1);
}

double CnnTrunk::map_flops(int64_t height, int64_t width) const {
  double sum = 0;
  for (const auto& stage : stages_) {
    height = stage->side_after(height), width = stage->side_after(width);
    sum += stage->flops(height, width);
  }
  return sum;
}

namespace {

const ConfigNode& child_or_self(const ConfigNode& node, const char* key) {
  const auto* child = node.find(key);
  return child ? *child : node;
}

}  // namespace

void check_stages(const ConfigNode& node, const CnnConfig& config) {
  if (config.stages.empty())
    child_or_self(node, "stages").fail("stages: expected at least one width");
  for (const int64_t width : config.stages) {
    if (width < 1 || width > 16384) {
      child_or_self(node, "stages")
          .fail("stages: expected widths 1 .. 16384, got " + std::to_string(width));
    }
    const int64_t groups = std::max<int64_t>(1, width / config.group_width);
    if (config.norm == CnnNorm::kGroup && width % groups != 0) {
      child_or_self(node, "stages")
          .fail("stages: " + std::to_string(width) + " channels do not split into groups of " +
                std::to_string(config.group_width));
    }
  }
  const auto& blocks = child_or_self(node, "blocks");
  if (config.blocks.size() != 1 && config.blocks.size() != config.stages.size()) {
    blocks.fail("blocks: expected one number or one for each of the " +
                std::to_string(config.stages.size()) + " stages, got " +
                std::to_string(config.blocks.size()));
  }
  for (const int64_t count : config.blocks) {
    if (count < 0 || count > 128)
      blocks.fail("blocks: expected 0 .. 128, got " + std::to_string(count));
  }
}

}  // namespace braid
