// Deep set: the modalities of a sample as a set, whose order and number do not matter.
//   out = rho(sum over present i of phi(h_i))
// phi, rho: MLPs of one hidden layer, GELU. `modality: true` gives phi h_i + e_i, so that it knows
// whose vector it reads.
// Source: Zaheer et al. 2017, theorem 2.
#include "braid/fusion/deep_set.h"

#include <torch/types.h>

#include "braid/block/mlp.h"
#include "braid/fusion/parts.h"

namespace braid {
namespace {

class DeepSet final : public Fusion {
 public:
  DeepSet(const DeepSetConfig& config, const FusionInput& input) : config_(config), input_(input) {
    const auto mlp = [&](const char* name) {
      return register_module(name,
                             std::make_shared<Mlp>(input.width, config.hidden, input.width));
    };
    if (config.modality) {
      modality_ = register_module(
          "modality", std::make_shared<FieldTensors>(input, at::IntArrayRef{input.width}));
    }
    each_ = mlp("each");
    all_ = mlp("all");
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [values, present] = stack_pooled(parts, input_);  // [B, M, D], [B, M]
    const auto each = each_->forward(modality_ ? values + modality_->stacked() : values);
    const auto set = config_.pooling == SetPooling::kMean
                         ? mean_of_present(each, present)
                         : each.masked_fill(present.logical_not().unsqueeze(2), 0).sum(1);
    return {zeros_for_nothing(all_->forward(set), present), {}};
  }

  int64_t width() const override { return input_.width; }
  double flops(const std::vector<int64_t>&) const override {
    return 4.0 * static_cast<double>(input_.width * config_.hidden) *
           static_cast<double>(input_.fields.size() + 1);
  }

 private:
  DeepSetConfig config_;
  FusionInput input_;
  std::shared_ptr<FieldTensors> modality_;  // e, or nullptr
  std::shared_ptr<Mlp> each_, all_;         // phi, rho
};

}  // namespace

std::shared_ptr<Fusion> make_deep_set(const ConfigNode& node, const FusionInput& input) {
  return std::make_shared<DeepSet>(read_member<DeepSetConfig>(node), input);
}

}  // namespace braid
