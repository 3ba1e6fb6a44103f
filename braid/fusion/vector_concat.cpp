// Vector concatenation: out = head([h_1; ...; h_M; p_1; ...; p_M]), p_i = 1 where present, else 0
// and h_i = 0; or, with `missing: learned`, head([h_1; ...; h_M]) with a learned h_i where absent.
// Sources: Ngiam et al. 2011 join side by side; flags of what is missing: Lipton et al. 2016.
#include "braid/fusion/vector_concat.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/mlp.h"
#include "braid/fusion/parts.h"

namespace braid {
namespace {

class VectorConcat final : public Fusion {
 public:
  VectorConcat(const VectorConcatConfig& config, const FusionInput& input)
      : config_(config), input_(input) {
    const auto fields = static_cast<int64_t>(input.fields.size());
    joined_ = fields * input.width;
    if (config.missing == MissingVector::kFlag) {
      joined_ += fields;
    } else {
      missing_ = register_module(
          "missing", std::make_shared<FieldTensors>(input, at::IntArrayRef{input.width}));
    }
    if (config.head == ConcatHead::kLinear) {
      linear_ = register_module("linear", std::make_shared<Linear>(joined_, input.width));
    } else if (config.head == ConcatHead::kMlp) {
      mlp_ = register_module("mlp", std::make_shared<Mlp>(joined_, config.hidden, input.width));
    }
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [values, present] = stack_pooled(parts, input_);  // [B, M, D], [B, M]
    auto x = missing_
                 ? at::where(present.unsqueeze(2), values, missing_->stacked()).flatten(1)
                 : at::cat({values.flatten(1), present.to(values.scalar_type())}, 1);  // [B, J]
    if (linear_ || mlp_) x = apply_dropout(x, config_.dropout, is_training());
    if (linear_) x = linear_->forward(x);
    if (mlp_) x = mlp_->forward(x);
    return {zeros_for_nothing(x, present), {}};
  }

  int64_t width() const override { return linear_ || mlp_ ? input_.width : joined_; }
  double flops(const std::vector<int64_t>&) const override {
    if (linear_) return 2.0 * static_cast<double>(joined_ * input_.width);
    return mlp_ ? 2.0 * static_cast<double>((joined_ + input_.width) * config_.hidden) : 0;
  }

 private:
  VectorConcatConfig config_;
  FusionInput input_;
  int64_t joined_;  // J: M D, and M flags
  std::shared_ptr<FieldTensors> missing_;
  std::shared_ptr<Linear> linear_;  // one of the two, or none
  std::shared_ptr<Mlp> mlp_;
};

}  // namespace

std::shared_ptr<Fusion> make_vector_concat(const ConfigNode& node, const FusionInput& input) {
  return std::make_shared<VectorConcat>(read_member<VectorConcatConfig>(node), input);
}

}  // namespace braid
