// Resampler: K learned queries of each field read tokens and take their place. A layer, q_i [K, D]:
//   q_i += drop(A_i(norm(q_i); norm_j(x_j) of all present j))          one softmax
//   q_i += drop(self_i(norm(q_i)));  q_i += drop(mlp_i(norm(q_i)))     exchange_layer.h
// `reads: own` keeps j = i: any number of tokens becomes K, and nothing crosses between fields;
// `reads: all` lets the queries of every present field read all present fields. The x_j stay as
// they are in all layers. A field that a sample lacks gets no queries there.
// Source: Li et al. 2023 (BLIP-2, Q-Former), section 3.1: queries with self-attention,
// cross-attention, MLP; Alayrac et al. 2022 (Flamingo), figure 5: one resampler a modality, there
// with the queries among the keys. The order read, then self-attention, is Jaegle et al. 2021
// (Perceiver).
#include "braid/interaction/resampler.h"

#include <torch/types.h>

#include "braid/block/initial.h"
#include "braid/interaction/exchange_layer.h"

namespace braid {
namespace {

class ResamplerInteraction final : public Interaction {
 public:
  ResamplerInteraction(const ResamplerConfig& config, const InteractionInput& input)
      : Interaction(input),
        tokens_(config.tokens),
        shape_(layer_shape(config.layers, input.width)) {
    ExchangeLayer::Reads reads(fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i) {
      queries_.push_back(register_parameter("queries_" + fields_[i],
                                            normal_weights({tokens_, input.width}, 0.02)));
      for (size_t j = 0; j < fields_.size(); ++j) {
        if (j == i || config.reads == Reads::kAll) reads[i].push_back(j);
      }
    }
    for (int64_t l = 0; l < shape_.depth; ++l) {
      layers_.push_back(register_module(
          std::to_string(l), std::make_shared<ExchangeLayer>(shape_, l, fields_, reads)));
    }
  }

  std::vector<Embedding> forward(const std::vector<Embedding>& parts,
                                 std::vector<Look>* looks) override {
    const auto sources = present_tokens(parts, fields_, width_);
    std::vector<Tokens> start;
    for (size_t i = 0; i < parts.size(); ++i) {
      const std::vector<int64_t> steps = {parts[i].pooled.size(0), tokens_};
      const auto segments =
          Segments::of_mask(parts[i].present.unsqueeze(1).expand(steps).contiguous());
      const auto each = queries_[i].unsqueeze(0).expand({steps[0], tokens_, width_});
      start.push_back({segments.pack(each), segments});
    }
    auto q = start;
    for (const auto& layer : layers_) {
      const auto next = layer->forward(q, sources, layer == layers_.back() ? looks : nullptr);
      for (size_t i = 0; i < q.size(); ++i) q[i].values = next[i];
    }
    std::vector<Embedding> out;
    for (size_t i = 0; i < q.size(); ++i)
      out.push_back(with_tokens(parts[i], q[i], start[i].values));
    return out;
  }

  std::vector<int64_t> tokens_after(std::vector<int64_t> tokens) const override {
    return std::vector<int64_t>(tokens.size(), tokens_);
  }

 private:
  double count_flops(const std::vector<int64_t>& tokens) const override {
    const std::vector<int64_t> queries(fields_.size(), tokens_);
    return shape_.depth * layers_[0]->flops(queries, tokens);
  }

  int64_t tokens_;  // K
  TransformerShape shape_;
  std::vector<at::Tensor> queries_;  // [M], each [K, D]
  std::vector<std::shared_ptr<ExchangeLayer>> layers_;
};

}  // namespace

std::shared_ptr<Interaction> make_resampler(const ConfigNode& node, const InteractionInput& input) {
  const auto config = read_member<ResamplerConfig>(node);
  check_layers(node, config.layers, input, 1);
  return std::make_shared<ResamplerInteraction>(config, input);
}

}  // namespace braid
