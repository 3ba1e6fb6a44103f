// Co-attention: all fields look at each other in parallel, then each at itself. A layer:
//   x_i += drop(A_i(norm(x_i); norm_j(x_j) of all present j != i))     one softmax
//   x_i += drop(self_i(norm(x_i)));  x_i += drop(mlp_i(norm(x_i)))     exchange_layer.h
// The x_j are those from before the layer: the result does not depend on the order of fields.
// Source: Lu et al. 2019 (ViLBERT), co-attentional layer; the order cross, self, MLP is that of
// Tan, Bansal 2019 (LXMERT). Both know two modalities; with more, the tokens of all others are one
// set of keys. Weights are each field's own (LXMERT shares those of the exchange); pre-norm.
#include "braid/interaction/co_attention.h"

#include <torch/types.h>

#include "braid/interaction/exchange_layer.h"

namespace braid {
namespace {

class CoAttention final : public Interaction {
 public:
  CoAttention(const CoAttentionConfig& config, const InteractionInput& input)
      : Interaction(input), shape_(layer_shape(config.layers, input.width)) {
    ExchangeLayer::Reads others(fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i) {
      for (size_t j = 0; j < fields_.size(); ++j) {
        if (j != i) others[i].push_back(j);
      }
    }
    for (int64_t l = 0; l < shape_.depth; ++l) {
      layers_.push_back(register_module(
          std::to_string(l), std::make_shared<ExchangeLayer>(shape_, l, fields_, others)));
    }
  }

  std::vector<Embedding> forward(const std::vector<Embedding>& parts,
                                 std::vector<Look>* looks) override {
    const auto given = present_tokens(parts, fields_, width_);
    auto x = given;
    for (const auto& layer : layers_) {
      const auto next = layer->forward(x, x, layer == layers_.back() ? looks : nullptr);
      for (size_t i = 0; i < x.size(); ++i) x[i].values = next[i];
    }
    std::vector<Embedding> out;
    for (size_t i = 0; i < x.size(); ++i)
      out.push_back(with_tokens(parts[i], x[i], given[i].values));
    return out;
  }

 private:
  double count_flops(const std::vector<int64_t>& tokens) const override {
    return shape_.depth * layers_[0]->flops(tokens, tokens);
  }

  TransformerShape shape_;
  std::vector<std::shared_ptr<ExchangeLayer>> layers_;
};

}  // namespace

std::shared_ptr<Interaction> make_co_attention(const ConfigNode& node,
                                               const InteractionInput& input) {
  const auto config = read_member<CoAttentionConfig>(node);
  check_layers(node, config.layers, input, 2);
  return std::make_shared<CoAttention>(config, input);
}

}  // namespace braid
