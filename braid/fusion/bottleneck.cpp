// Attention bottlenecks: each modality has a transformer of its own, and all that passes between
// them are a few shared tokens z, averaged after every block.
//   [x_i; z_i] = block_i([x_i; z]);  z = mean over present i of z_i
//   out = mean over present i of mean over tokens of norm_i(x_i)
// z starts learned; an absent modality is no part of either mean.
// Source: Nagrani et al. 2021 (MBT), section 3. There each modality has a class token, and their
// logits are averaged; here the mean of its tokens stands for it, averaged before the task.
#include "braid/fusion/bottleneck.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/initial.h"
#include "braid/block/pooling.h"
#include "braid/fusion/joint_transformer.h"
#include "braid/fusion/parts.h"

namespace braid {
namespace {

// The blocks of one modality.
class FieldStream : public Module {
 public:
  explicit FieldStream(const TransformerShape& shape) : shape_(shape) {
    for (int64_t i = 0; i < shape.depth; ++i) {
      const double path =
          shape.depth > 1 ? shape.drop_path * i / (shape.depth - 1) : shape.drop_path;
      blocks_.push_back(
          register_module(std::to_string(i), std::make_shared<TransformerBlock>(shape, path)));
    }
    norm_ = register_module("norm", std::make_shared<LayerNorm>(shape.width));
  }

  // tokens [B, T, D] and shared [B, Z, D] side by side through block `depth`: changed tokens go
  // back into `tokens`, what became of the shared ones comes out. Absent samples give zeros.
  at::Tensor pass(int64_t depth, const at::Tensor& shared, const Segments& segments,
                  at::Tensor* tokens) const {
    const auto rows = segments.pack(at::cat({*tokens, shared}, 1));
    const auto out = segments.pad(blocks_[static_cast<size_t>(depth)]->forward(rows, segments));
    const int64_t steps = tokens->size(1);
    *tokens = out.slice(1, 0, steps);
    return out.slice(1, steps);
  }

  at::Tensor norm(const at::Tensor& x) const { return norm_->forward(x); }

  double flops(int64_t steps) const {
    const double t = static_cast<double>(steps), d = static_cast<double>(shape_.width);
    const double maps = 2 * t * d * d * static_cast<double>(4 + 2 * shape_.mlp_ratio);
    return static_cast<double>(shape_.depth) * (maps + 4 * t * t * d);
  }

 private:
  TransformerShape shape_;
  std::vector<std::shared_ptr<TransformerBlock>> blocks_;
  std::shared_ptr<LayerNorm> norm_;
};

class BottleneckFusion final : public Fusion {
 public:
  BottleneckFusion(const BottleneckFusionConfig& config, const FusionInput& input)
      : config_(config), input_(input), shape_(joint_shape(config.joint, input.width)) {
    shared_ = register_parameter("shared", normal_weights({config.tokens, input.width}, 0.02));
    streams_ = register_module("stream", std::make_shared<FieldStreams>(input, shape_));
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [sequences, present] = stack_tokens(parts, input_);
    const int64_t batch = present.size(0);
    std::vector<at::Tensor> tokens;
    std::vector<Segments> segments;
    for (size_t m = 0; m < sequences.size(); ++m) {
      tokens.push_back(apply_dropout(sequences[m].tokens, config_.joint.dropout, is_training()));
      const auto shared_mask = parts[m].present.unsqueeze(1).expand({batch, config_.tokens});
      segments.push_back(Segments::of_mask(at::cat({sequences[m].mask, shared_mask}, 1)));
    }
    auto shared = shared_.expand({batch, config_.tokens, input_.width});
    for (int64_t depth = 0; depth < shape_.depth; ++depth) {
      std::vector<at::Tensor> seen;  // [B, Z, D] of each modality
      for (size_t m = 0; m < tokens.size(); ++m)
        seen.push_back(streams_->of(m).pass(depth, shared, segments[m], &tokens[m]));
      shared = mean_of_present(at::stack(seen, 1), present);
    }
    std::vector<at::Tensor> vectors;  // [B, D]
    for (size_t m = 0; m < tokens.size(); ++m)
      vectors.push_back(masked_mean(streams_->of(m).norm(tokens[m]), sequences[m].mask));
    return {mean_of_present(at::stack(vectors, 1), present), {}};
  }

  int64_t width() const override { return input_.width; }
  bool reads_tokens() const override { return true; }
  double flops(const std::vector<int64_t>& tokens) const override {
    double sum = 0;
    for (size_t m = 0; m < input_.fields.size(); ++m)
      sum += streams_->of(m).flops((tokens.empty() ? 1 : tokens.at(m)) + config_.tokens);
    return sum;
  }

 private:
  class FieldStreams : public Module {
   public:
    FieldStreams(const FusionInput& input, const TransformerShape& shape) {
      for (const auto& field : input.fields)
        streams_.push_back(register_module(field, std::make_shared<FieldStream>(shape)));
    }
    const FieldStream& of(size_t field) const { return *streams_[field]; }

   private:
    std::vector<std::shared_ptr<FieldStream>> streams_;
  };

  BottleneckFusionConfig config_;
  FusionInput input_;
  TransformerShape shape_;
  at::Tensor shared_;  // [Z, D]
  std::shared_ptr<FieldStreams> streams_;
};

}  // namespace

std::shared_ptr<Fusion> make_bottleneck(const ConfigNode& node, const FusionInput& input) {
  const auto config = read_member<BottleneckFusionConfig>(node);
  expect_heads(node, config.joint.heads, input.width);
  return std::make_shared<BottleneckFusion>(config, input);
}

}  // namespace braid
