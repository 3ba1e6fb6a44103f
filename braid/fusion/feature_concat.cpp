// Feature concatenation: the token sequences of all modalities become one, which a joint
// transformer reads.
//   x = [h_1 + e_1 + p_1; ...; h_M + e_M + p_M];  out = pooling(transformer(x))
// e_i: a learned vector of the modality, p_i [T_i, D]: learned vectors of its positions. Padding
// and absent modalities are no tokens. `pooling: class` has a learned token before the others.
// Sources: one stream over the tokens of all modalities as Chen et al. 2020 (UNITER) and Kim et al.
// 2021 (ViLT), which adds vectors of modality and position too.
#include "braid/fusion/feature_concat.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/initial.h"
#include "braid/fusion/joint_transformer.h"
#include "braid/fusion/parts.h"

namespace braid {
namespace {

class FeatureConcat final : public Fusion {
 public:
  FeatureConcat(const FeatureConcatConfig& config, const FusionInput& input)
      : config_(config), input_(input) {
    const auto vectors = [&](const char* name, at::IntArrayRef shape) {
      return register_module(name, std::make_shared<FieldTensors>(input, shape));
    };
    modality_ = vectors("modality", {input.width});
    if (config.positions > 0) positions_ = vectors("position", {config.positions, input.width});
    if (config.pooling == JointPooling::kClass)
      class_ = register_parameter("class", normal_weights({input.width}, 0.02));
    trunk_ = register_module("trunk",
                             std::make_shared<Transformer>(joint_shape(config.joint, input.width)));
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [fields, present] = stack_tokens(parts, input_);
    std::vector<at::Tensor> tokens, masks;
    if (class_.defined()) {
      const int64_t batch = present.size(0);
      tokens.push_back(class_.expand({batch, 1, input_.width}));
      masks.push_back(at::ones({batch, 1}, present.options()));
    }
    for (size_t m = 0; m < fields.size(); ++m) {
      tokens.push_back(placed(m, fields[m].tokens));
      masks.push_back(fields[m].mask);
    }
    const auto segments = Segments::of_mask(at::cat(masks, 1));
    auto x = segments.pack(at::cat(tokens, 1));  // [N, D]
    x = trunk_->forward(apply_dropout(x, config_.joint.dropout, is_training()), segments);
    const auto pooled =
        class_.defined() ? segments.pad(x).select(1, 0) : segment_mean(x, segments);  // [B, D]
    return {zeros_for_nothing(pooled, present), {}};
  }

  int64_t width() const override { return input_.width; }
  bool reads_tokens() const override { return true; }
  double flops(const std::vector<int64_t>& tokens) const override {
    const auto steps = total_tokens(tokens, input_.fields.size());
    return trunk_->flops(steps + (class_.defined() ? 1 : 0));
  }

 private:
  // [B, T, D], same shape
  at::Tensor placed(size_t field, const at::Tensor& tokens) const {
    const auto x = tokens + modality_->of(field);
    if (!positions_) return x;
    const auto steps = at::arange(tokens.size(1), tokens.options().dtype(at::kLong));
    return x + positions_->of(field).index_select(0, steps.clamp_max(config_.positions - 1));
  }

  FeatureConcatConfig config_;
  FusionInput input_;
  std::shared_ptr<FieldTensors> modality_, positions_;
  at::Tensor class_;  // [D], of pooling class
  std::shared_ptr<Transformer> trunk_;
};

}  // namespace

std::shared_ptr<Fusion> make_feature_concat(const ConfigNode& node, const FusionInput& input) {
  const auto config = read_member<FeatureConcatConfig>(node);
  expect_heads(node, config.joint.heads, input.width);
  return std::make_shared<FeatureConcat>(config, input);
}

}  // namespace braid
