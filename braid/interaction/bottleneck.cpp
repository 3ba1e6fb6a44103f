// Attention bottlenecks: fields meet in K shared tokens b [K, D] alone. A layer, z_i [T_i, D]:
//   [z_i', b_i'] = block_i([z_i, b])      self-attention and MLP of field i (block/transformer.h)
//   b'           = mean over present i of b_i'
// b starts as learned vectors, so what field i says in one layer the others hear in the next: two
// layers are the least.
// Source: Nagrani et al. 2021 (MBT). There the first layers may be without bottlenecks
// (fusion at layer L_f): those are the encoders here.
// Looks, of the last layer: "image->image+bottleneck" [B, T, T + K] of a field's tokens at all that
// its block holds, and "bottleneck.image->image+bottleneck" [B, K, T + K] of the bottleneck there.
#include "braid/interaction/bottleneck.h"

#include <torch/types.h>

#include "braid/block/initial.h"
#include "braid/block/joined_segments.h"
#include "braid/interaction/layer.h"

namespace braid {
namespace {

// b for the samples that carry a field. present [B]
Segments bottleneck_segments(const at::Tensor& present, int64_t tokens) {
  return Segments::of_mask(present.unsqueeze(1).expand({present.size(0), tokens}).contiguous());
}

class BottleneckInteraction final : public Interaction {
 public:
  BottleneckInteraction(const BottleneckInteractionConfig& config, const InteractionInput& input)
      : Interaction(input),
        tokens_(config.tokens),
        shape_(layer_shape(config.layers, input.width)) {
    bottleneck_ = register_parameter("bottleneck", normal_weights({tokens_, input.width}, 0.02));
    for (int64_t l = 0; l < shape_.depth; ++l) {
      const auto group = register_module(std::to_string(l), std::make_shared<PartGroup>());
      auto& layer = layers_.emplace_back();
      for (const auto& field : fields_) {
        layer.push_back(group->register_module(
            field, std::make_shared<TransformerBlock>(shape_, drop_path_at(shape_, l))));
      }
    }
  }

  std::vector<Embedding> forward(const std::vector<Embedding>& parts,
                                 std::vector<Look>* looks) override {
    const auto given = present_tokens(parts, fields_, width_);
    const int64_t batch = parts[0].pooled.size(0);
    std::vector<Segments> in_field;      // [M] of b where the field is
    std::vector<JoinedSegments> joined;  // [M]
    auto present_count = at::zeros({batch}, bottleneck_.options());
    for (size_t i = 0; i < given.size(); ++i) {
      in_field.push_back(bottleneck_segments(parts[i].present, tokens_));
      joined.push_back(JoinedSegments({given[i].segments, in_field[i]}));
      present_count = present_count + parts[i].present;
    }
    const auto share = present_count.clamp_min(1).reciprocal().view({batch, 1, 1});
    auto z = given;
    auto b = bottleneck_.unsqueeze(0).expand({batch, tokens_, width_});  // [B, K, D]
    for (const auto& layer : layers_) {
      auto sum = at::zeros({batch, tokens_, width_}, bottleneck_.options());
      for (size_t i = 0; i < z.size(); ++i) {
        at::Tensor weights;  // [B, T + K, T + K]
        const bool show = looks && &layer == &layers_.back();
        const auto mixed =
            layer[i]->forward(joined[i].join({z[i].values, in_field[i].pack(b)}),
                              joined[i].segments(), show ? &weights : nullptr);
        const auto apart = joined[i].split(mixed);
        z[i].values = apart[0];
        sum = sum + in_field[i].pad(apart[1]);
        if (show) add_looks(i, z[i].segments.steps(), weights, looks);
      }
      b = sum * share;
    }
    std::vector<Embedding> out;
    for (size_t i = 0; i < z.size(); ++i)
      out.push_back(with_tokens(parts[i], z[i], given[i].values));
    return out;
  }

 private:
  double count_flops(const std::vector<int64_t>& tokens) const override {
    double sum = 0;
    for (const int64_t t : tokens) sum += block_flops(shape_, t + tokens_);
    return shape_.depth * sum;
  }

  void add_looks(size_t i, int64_t steps, const at::Tensor& weights,
                 std::vector<Look>* looks) const {
    const std::string to = "->" + fields_[i] + "+bottleneck";
    looks->push_back({fields_[i] + to, weights.narrow(1, 0, steps)});
    looks->push_back({"bottleneck." + fields_[i] + to, weights.narrow(1, steps, tokens_)});
  }

  int64_t tokens_;  // K
  TransformerShape shape_;
  at::Tensor bottleneck_;                                               // [K, D]
  std::vector<std::vector<std::shared_ptr<TransformerBlock>>> layers_;  // [depth][M]
};

}  // namespace

std::shared_ptr<Interaction> make_bottleneck(const ConfigNode& node,
                                             const InteractionInput& input) {
  const auto config = read_member<BottleneckInteractionConfig>(node);
  check_layers(node, config.layers, input, 2);
  return std::make_shared<BottleneckInteraction>(config, input);
}

}  // namespace braid
