// Feature maps joined early: the sequences of all modalities are brought to one common axis, laid
// side by side value by value, and read by one network.
//   f_i = tokens of i averaged over L equal stretches of its real ones, [L, D]; where i is absent
//         a learned vector, L times
//   x_l = W [f_1l; ...; f_Ml] + b + p_l;  out = mean over l of network(x)_l
// Stretch l of n tokens is floor(l n / L) .. ceil((l + 1) n / L) - 1, as adaptive pooling has it:
// of few tokens, neighbours share some. W is a convolution of size 1 over the joined map, p_l a
// learned vector of position.
// Sources: early fusion, side by side along the axis of features: Baltrusaitis et al. 2019 (a
// survey), section 5; the network is an MLP-Mixer (Tolstikhin et al. 2021) or a transformer. The
// common axis by averages and the learned vector of a missing modality are ours.
#include "braid/fusion/feature_map.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/initial.h"
#include "braid/block/matmul.h"
#include "braid/fusion/joint_transformer.h"
#include "braid/fusion/mixer.h"
#include "braid/fusion/parts.h"

namespace braid {
namespace {

// The weights of averages over `length` stretches of the real tokens: mask [B, T] -> [B, L, T].
at::Tensor stretch_weights(const at::Tensor& mask, int64_t length, at::ScalarType type) {
  const auto real = mask.to(at::kLong);
  const auto place = (real.cumsum(1) - 1).unsqueeze(1);        // [B, 1, T] of a real token
  const auto count = real.sum(1).view({-1, 1, 1});             // [B, 1, 1]
  const auto l = at::arange(length, real.options()).view({1, length, 1});
  const auto begin = at::floor_divide(l * count, length);  // [B, L, 1]
  const auto end = at::floor_divide((l + 1) * count + length - 1, length);
  const auto inside = place.ge(begin).logical_and(place.lt(end)).logical_and(mask.unsqueeze(1));
  return inside.to(type) / (end - begin).clamp_min(1).to(type);
}

class FeatureMap final : public Fusion {
 public:
  FeatureMap(const FeatureMapConfig& config, const FusionInput& input)
      : config_(config), input_(input) {
    const int64_t width = input.width;
    missing_ =
        register_module("missing", std::make_shared<FieldTensors>(input, at::IntArrayRef{width}));
    join_ = register_module("join", std::make_shared<Linear>(fields() * width, width));
    position_ = register_parameter("position", normal_weights({config.length, width}, 0.02));
    if (config.network == JointNetwork::kMixer) {
      mixer_ = register_module("mixer",
                               std::make_shared<Mixer>(config.joint, config.length, width));
    } else {
      transformer_ = register_module(
          "transformer", std::make_shared<Transformer>(joint_shape(config.joint, width)));
    }
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [sequences, present] = stack_tokens(parts, input_);
    std::vector<at::Tensor> maps;  // [B, L, D]
    for (size_t m = 0; m < sequences.size(); ++m)
      maps.push_back(common_map(sequences[m], parts[m].present, missing_->of(m)));
    auto x = join_->forward(at::cat(maps, 2)) + position_;  // [B, L, D]
    x = network(apply_dropout(x, config_.joint.dropout, is_training()));
    return {zeros_for_nothing(x.mean(1), present), {}};
  }

  int64_t width() const override { return input_.width; }
  bool reads_tokens() const override { return true; }
  double flops(const std::vector<int64_t>& tokens) const override {
    const double l = static_cast<double>(config_.length), d = static_cast<double>(input_.width);
    const double averages = 2 * l * d * static_cast<double>(total_tokens(tokens, fields()));
    const double join = 2 * l * d * d * static_cast<double>(fields());
    return averages + join + (mixer_ ? mixer_->flops() : transformer_->flops(config_.length));
  }

 private:
  int64_t fields() const { return static_cast<int64_t>(input_.fields.size()); }

  at::Tensor common_map(const TokenPart& part, const at::Tensor& present,
                        const at::Tensor& missing) const {
    const auto weights = stretch_weights(part.mask, config_.length, part.tokens.scalar_type());
    return at::where(present.view({-1, 1, 1}), batched_matmul(weights, part.tokens), missing);
  }

  at::Tensor network(const at::Tensor& x) const {
    if (mixer_) return mixer_->forward(x);
    const auto segments = Segments::uniform(x.size(0), x.size(1));
    return segments.pad(transformer_->forward(segments.pack(x), segments));
  }

  FeatureMapConfig config_;
  FusionInput input_;
  std::shared_ptr<FieldTensors> missing_;
  std::shared_ptr<Linear> join_;
  at::Tensor position_;  // [L, D]
  std::shared_ptr<Mixer> mixer_;  // one of the two
  std::shared_ptr<Transformer> transformer_;
};

}  // namespace

std::shared_ptr<Fusion> make_feature_map(const ConfigNode& node, const FusionInput& input) {
  const auto config = read_member<FeatureMapConfig>(node);
  if (config.network == JointNetwork::kTransformer)
    expect_heads(node, config.joint.heads, input.width);
  return std::make_shared<FeatureMap>(config, input);
}

}  // namespace braid
