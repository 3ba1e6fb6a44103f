// A small residual network (after He et al. 2016): each stage is a 3 x 3 convolution that narrows
// the picture, then residual blocks  x = act(x + norm(conv(act(norm(conv(x)))))).  The last norm of
// a block starts at 0. Tokens are the cells of the last feature map.
#include "braid/encoder/cnn.h"

#include <torch/types.h>

#include "braid/block/conv.h"
#include "braid/block/dropout.h"
#include "braid/block/norm.h"
#include "braid/block/pooling.h"
#include "braid/encoder/encoder.h"

namespace braid {
namespace {

at::Tensor activate(const at::Tensor& x, CnnActivation kind) {
  return kind == CnnActivation::kRelu ? at::relu(x) : at::gelu(x);
}

std::shared_ptr<ImageNorm> make_norm(const CnnConfig& config, int64_t channels) {
  if (config.norm == CnnNorm::kBatch) return std::make_shared<BatchNorm>(channels);
  return std::make_shared<GroupNorm>(channels, std::max<int64_t>(1, channels / config.group_width));
}

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

  at::Tensor forward(const at::Tensor& x) {  // [B, C, H, W], same shape
    const auto inner = activate(first_norm_->forward(first_->forward(x)), activation_);
    const auto branch = second_norm_->forward(second_->forward(inner));
    return activate(x + drop_path(branch, drop_path_, is_training()), activation_);
  }

  double flops(int64_t side) const {
    return first_->flops(side, side) + second_->flops(side, side);
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

  at::Tensor forward(
      const at::Tensor& x) {  // [B, in, H, W] -> [B, out, ceil(H/stride), ceil(W/stride)]
    auto y = activate(norm_->forward(entry_->forward(x)), activation_);
    for (const auto& block : blocks_) y = block->forward(y);
    return y;
  }

  int64_t side_after(int64_t side) const { return (side + stride_ - 1) / stride_; }

  double flops(int64_t side) const {
    const int64_t after = side_after(side);
    double sum = entry_->flops(after, after);
    for (const auto& block : blocks_) sum += block->flops(after);
    return sum;
  }

 private:
  int64_t stride_;
  CnnActivation activation_;
  std::shared_ptr<Conv2d> entry_;
  std::shared_ptr<ImageNorm> norm_;
  std::vector<std::shared_ptr<CnnBlock>> blocks_;
};

class Cnn final : public Encoder {
 public:
  Cnn(const CnnConfig& config, int64_t channels, int64_t size)
      : config_(config), channels_(channels), size_(size) {
    int64_t in = channels;
    for (size_t i = 0; i < config.stages.size(); ++i) {
      const int64_t blocks = config.blocks[config.blocks.size() == 1 ? 0 : i];
      const int64_t stride = i == 0 ? config.stem_stride : 2;
      stages_.push_back(register_module(
          "stage" + std::to_string(i),
          std::make_shared<CnnStage>(config, in, config.stages[i], stride, blocks)));
      in = config.stages[i];
    }
    if (config.pooling == CnnPooling::kAttention)
      pool_ = register_module("pool", std::make_shared<AttentionPool>(in));
  }

  Embedding encode(const at::Tensor& values, const at::Tensor&) override {
    expect_pictures(values, channels_, size_);
    // Channels last makes convolutions faster, and group norms slower by more.
    const bool channels_last = config_.norm == CnnNorm::kBatch && values.is_cpu();
    auto x = channels_last ? values.contiguous(at::MemoryFormat::ChannelsLast) : values;
    for (const auto& stage : stages_) x = stage->forward(x);  // [B, D, h, w]
    const auto tokens = x.flatten(2).transpose(1, 2);         // [B, h w, D]
    return {{tokens, Segments::uniform(tokens.size(0), tokens.size(1))},
            apply_dropout(pool(tokens), config_.dropout, is_training()),
            at::ones({x.size(0)}, x.options().dtype(at::kBool))};
  }

  int64_t width() const override {
    return config_.stages.back() * (config_.pooling == CnnPooling::kMeanMax ? 2 : 1);
  }

  double flops() const override {
    double sum = 0;
    int64_t side = size_;
    for (const auto& stage : stages_) {
      sum += stage->flops(side);
      side = stage->side_after(side);
    }
    return sum;
  }

 private:
  at::Tensor pool(
      const at::Tensor& tokens) const {  // [B, T, D] -> [B, D], twice as wide for mean_max
    if (pool_) return pool_->forward(tokens, {});
    const auto mean = tokens.mean(1);
    return config_.pooling == CnnPooling::kMean ? mean : at::cat({mean, tokens.amax(1)}, 1);
  }

  CnnConfig config_;
  int64_t channels_, size_;
  std::vector<std::shared_ptr<CnnStage>> stages_;
  std::shared_ptr<AttentionPool> pool_;
};

const ConfigNode& child_or_self(const ConfigNode& node, const char* key) {
  const auto* child = node.find(key);
  return child ? *child : node;
}

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

}  // namespace

std::shared_ptr<Encoder> make_cnn(const ConfigNode& node, const EncoderInput& input) {
  expect_modality(node, input, "image");
  const auto config = read_member<CnnConfig>(node);
  check_stages(node, config);
  return std::make_shared<Cnn>(config, input.fact("channels"), input.fact("size"));
}

}  // namespace braid
