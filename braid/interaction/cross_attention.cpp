// Pairwise directed cross-modal attention: for each ordered pair of fields (i, j), the tokens of i
// look at those of j, with weights of the pair's own. A layer, x_i [N_i, D], y_j = x_j at layer 0:
//   x_i += drop(W_i concat over present j != i of A_ij(norm(x_i), norm(y_j)))
//   x_i += drop(mlp(norm(x_i)))
// A_ij: multi-head attention. W_i times the concatenation is the sum of each pair's own output
// matrix times its result, which is how it is computed; an absent j leaves its place zero.
// Source: Tsai et al. 2019 (MulT), sections 3.1, 3.2: all layers look at the low-level tokens of
// the other modality. There each pair is a stack of its own, concatenated once at the end, before
// self-attention; here the pairs of a field meet in every layer, and self-attention is left to what
// comes after (co_attention, a fusion of tokens).
#include "braid/interaction/cross_attention.h"

#include <torch/types.h>

#include "braid/block/cross_attention.h"
#include "braid/interaction/layer.h"

namespace braid {
namespace {

// One field in one layer.
class PairReader : public Module {
 public:
  PairReader(const TransformerShape& shape, int64_t layer, const std::vector<std::string>& fields,
             size_t self)
      : residual_{shape.dropout, drop_path_at(shape, layer)}, fields_(fields), self_(self) {
    norm_ = register_module("norm", std::make_shared<LayerNorm>(shape.width));
    for (size_t j = 0; j < fields.size(); ++j) {
      if (j == self) {
        pairs_.push_back({});
        continue;
      }
      const auto pair = register_module("from_" + fields[j], std::make_shared<PartGroup>());
      pairs_.push_back(
          {pair->register_module("norm", std::make_shared<LayerNorm>(shape.width)),
           pair->register_module("attention", std::make_shared<CrossAttention>(
                                                  shape.width, shape.heads,
                                                  shape.attention_dropout))});
    }
    mlp_norm_ = register_module("mlp_norm", std::make_shared<LayerNorm>(shape.width));
    mlp_ = register_module(
        "mlp", std::make_shared<Mlp>(shape.width, shape.mlp_ratio * shape.width, shape.width));
  }

  // x, result [N, D]
  at::Tensor forward(const at::Tensor& x, const std::vector<Tokens>& given,
                     std::vector<Look>* looks) const {
    const auto& segments = given[self_].segments;
    const auto asking = norm_->forward(x);
    at::Tensor sum;
    for (size_t j = 0; j < given.size(); ++j) {
      if (j == self_) continue;
      at::Tensor weights;
      const auto seen = pairs_[j].attention->forward(
          asking, segments, pairs_[j].norm->forward(given[j].values), given[j].segments,
          looks ? &weights : nullptr);
      sum = sum.defined() ? sum + seen : seen;
      if (looks) looks->push_back({fields_[self_] + "->" + fields_[j], weights});
    }
    const auto seen = residual_.add(x, sum, segments, is_training());
    return residual_.add(seen, mlp_->forward(mlp_norm_->forward(seen)), segments, is_training());
  }

 private:
  struct Pair {
    std::shared_ptr<LayerNorm> norm;
    std::shared_ptr<CrossAttention> attention;
  };

  Residual residual_;
  std::vector<std::string> fields_;
  size_t self_;
  std::shared_ptr<LayerNorm> norm_, mlp_norm_;
  std::vector<Pair> pairs_;  // by field, empty at self
  std::shared_ptr<Mlp> mlp_;
};

class CrossAttentionInteraction final : public Interaction {
 public:
  CrossAttentionInteraction(const CrossAttentionConfig& config, const InteractionInput& input)
      : Interaction(input), shape_(layer_shape(config.layers, input.width)) {
    for (int64_t l = 0; l < shape_.depth; ++l) {
      const auto group = register_module(std::to_string(l), std::make_shared<PartGroup>());
      auto& layer = layers_.emplace_back();
      for (size_t i = 0; i < fields_.size(); ++i) {
        layer.push_back(group->register_module(
            fields_[i], std::make_shared<PairReader>(shape_, l, fields_, i)));
      }
    }
  }

  std::vector<Embedding> forward(const std::vector<Embedding>& parts,
                                 std::vector<Look>* looks) override {
    const auto given = present_tokens(parts, fields_, width_);
    std::vector<Embedding> out;
    for (size_t i = 0; i < given.size(); ++i) {
      auto x = given[i].values;
      for (const auto& layer : layers_)
        x = layer[i]->forward(x, given, &layer == &layers_.back() ? looks : nullptr);
      out.push_back(with_tokens(parts[i], {x, given[i].segments}, given[i].values));
    }
    return out;
  }

 private:
  double count_flops(const std::vector<int64_t>& tokens) const override {
    const double d = width_;
    double sum = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      const double t = tokens[i];
      sum += 4 * t * shape_.mlp_ratio * d * d;
      for (size_t j = 0; j < tokens.size(); ++j) {
        const double s = tokens[j];
        if (j != i) sum += 4 * t * d * d + 4 * s * d * d + 4 * t * s * d;
      }
    }
    return shape_.depth * sum;
  }

  TransformerShape shape_;
  std::vector<std::vector<std::shared_ptr<PairReader>>> layers_;  // [depth][M]
};

}  // namespace

std::shared_ptr<Interaction> make_cross_attention(const ConfigNode& node,
                                                  const InteractionInput& input) {
  const auto config = read_member<CrossAttentionConfig>(node);
  check_layers(node, config.layers, input, 2);
  return std::make_shared<CrossAttentionInteraction>(config, input);
}

}  // namespace braid
