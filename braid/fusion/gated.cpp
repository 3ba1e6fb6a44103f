// Gated multimodal unit: every value of every modality has a gate that reads all of them.
//   t_i = tanh(W_i h_i);  g_i = V_i [h_1; ...; h_M];  out = sum over present i of z_i * t_i
//   gate softmax: z = softmax of g over the present, value by value.
//   gate sigmoid: z_i = sigmoid(g_i)
// Source: Arevalo et al. 2017 (GMU): sigmoid is its unit of many modalities (figure 2a).
// Its bimodal unit (figure 2b) ties the gates as z and 1 - z; softmax is that for any M, as for two
// softmax(g)_1 = sigmoid(g_1 - g_2). An absent h_i is zeros. As in the paper, no biases.
// Weights: a modality's share of all gates, sum_d z_id / sum_jd z_jd.
#include "braid/fusion/gated.h"

#include <torch/types.h>

#include "braid/block/pooling.h"
#include "braid/fusion/parts.h"

namespace braid {
namespace {

class Gated final : public Fusion {
 public:
  Gated(const GatedConfig& config, const FusionInput& input)
      : config_(config), input_(input), joined_(fields() * input.width) {
    value_ = register_module(
        "value", std::make_shared<FieldLinears>(input, input.width, input.width, false));
    gate_ =
        register_module("gate", std::make_shared<FieldLinears>(input, joined_, input.width, false));
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [values, present] = stack_pooled(parts, input_);  // [B, M, D], [B, M]
    const int64_t batch = values.size(0);
    const auto joined = values.reshape({batch, 1, joined_}).expand({batch, fields(), joined_});
    const auto gates = open(gate_->forward(joined), present);  // [B, M, D]
    const auto open_by = gates.sum(2);                         // [B, M]
    return {(gates * at::tanh(value_->forward(values))).sum(1),
            open_by / open_by.sum(1, true).clamp_min(kLeastOpen)};
  }

  int64_t width() const override { return input_.width; }
  double flops(const std::vector<int64_t>&) const override {
    return 2.0 * static_cast<double>(joined_ * input_.width * (1 + fields()));
  }

 private:
  static constexpr double kLeastOpen = 1e-12;  // a sample of nothing has no open gate

  int64_t fields() const { return static_cast<int64_t>(input_.fields.size()); }

  at::Tensor open(const at::Tensor& scores, const at::Tensor& present) const {
    if (config_.gate == Gate::kSigmoid)
      return at::sigmoid(scores).masked_fill(present.logical_not().unsqueeze(2), 0);
    return masked_softmax(scores.transpose(1, 2), present.unsqueeze(1)).transpose(1, 2);
  }

  GatedConfig config_;
  FusionInput input_;
  int64_t joined_;  // M D
  std::shared_ptr<FieldLinears> value_, gate_;
};

}  // namespace

std::shared_ptr<Fusion> make_gated(const ConfigNode& node, const FusionInput& input) {
  return std::make_shared<Gated>(read_member<GatedConfig>(node), input);
}

}  // namespace braid
