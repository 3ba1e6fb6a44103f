// Low-rank tensor fusion: a linear map of the outer product of all [h_i; 1], whose tensor of
// weights has the given rank, so that the outer product is never made.
//   out = b + sum over r of product over i of W_i^(r) [h_i; 1]
// The appended 1 keeps the products of fewer modalities, down to each alone; an absent h_i is
// zeros, so that its factor is the column of the 1.
// Source: Liu et al. 2018 (LMF), section 3. The outer product itself: Zadeh et al. 2017 (TFN).
#include "braid/fusion/low_rank_tensor.h"

#include <torch/types.h>

#include "braid/fusion/parts.h"

namespace braid {
namespace {

class LowRankTensor final : public Fusion {
 public:
  LowRankTensor(const LowRankTensorConfig& config, const FusionInput& input)
      : config_(config), input_(input) {
    // The bias of a linear map is the column of the appended 1.
    factor_ = register_module("factor", std::make_shared<FieldLinears>(input, input.width,
                                                                       config.rank * input.width));
    bias_ = register_parameter("bias", at::zeros({input.width}));
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [values, present] = stack_pooled(parts, input_);  // [B, M, D], [B, M]
    const auto factors = factor_->forward(values);               // [B, M, R D]
    auto product = factors.select(1, 0);                         // [B, R D]
    for (int64_t m = 1; m < factors.size(1); ++m) product = product * factors.select(1, m);
    const auto out = product.view({-1, config_.rank, input_.width}).sum(1) + bias_;
    return {zeros_for_nothing(out, present), {}};
  }

  int64_t width() const override { return input_.width; }
  double flops(const std::vector<int64_t>&) const override {
    const double fields = static_cast<double>(input_.fields.size());
    return fields * static_cast<double>(config_.rank * input_.width * (2 * input_.width + 1));
  }

 private:
  LowRankTensorConfig config_;
  FusionInput input_;
  std::shared_ptr<FieldLinears> factor_;  // D -> R D, values of one rank side by side
  at::Tensor bias_;                       // [D]
};

}  // namespace

std::shared_ptr<Fusion> make_low_rank_tensor(const ConfigNode& node, const FusionInput& input) {
  return std::make_shared<LowRankTensor>(read_member<LowRankTensorConfig>(node), input);
}

}  // namespace braid
