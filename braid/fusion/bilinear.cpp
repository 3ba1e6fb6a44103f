// Bilinear pooling of pairs of modalities, of low rank.
//   form mlb: f_i = tanh(U_i h_i + b_i);  out = P (sum over pairs i < j of f_i * f_j) + c
//   form mfb: f_i = U_i h_i + b_i;  z = sums of `factors` neighbours of (sum over pairs f_i * f_j);
//             out = y / |y|, y = sign(z) sqrt(|z|)
// Sources: Kim et al. 2017 (MLB), section 3; Yu et al. 2017 (MFB), section 3, with its power and
// l2 normalisation. Both join two modalities.
// Ours: for more, the sum over pairs, each modality with one map for all its pairs. Biases in mfb
// too, and an absent h_i is zeros: a pair with one side present is a function of that side, a pair
// with none is left out. The root is z / sqrt(|z| + 1e-6), whose slope at 0 is finite.
#include "braid/fusion/bilinear.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/fusion/parts.h"
#include "braid/block/unit_rows.h"

namespace braid {
namespace {

class Bilinear final : public Fusion {
 public:
  Bilinear(const BilinearConfig& config, const FusionInput& input)
      : config_(config), input_(input), joint_(is_mlb() ? config.hidden
                                                        : config.factors * input.width) {
    factor_ =
        register_module("factor", std::make_shared<FieldLinears>(input, input.width, joint_));
    if (!is_mlb()) return;
    output_ = register_module("output", std::make_shared<Linear>(joint_, input.width));
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [values, present] = stack_pooled(parts, input_);  // [B, M, D], [B, M]
    auto factors = factor_->forward(values);                     // [B, M, J]
    if (is_mlb()) factors = at::tanh(factors);
    const auto joint =
        apply_dropout(sum_of_pairs(factors, present), config_.dropout, is_training());  // [B, J]
    return {zeros_for_nothing(is_mlb() ? output_->forward(joint) : pooled(joint), present), {}};
  }

  int64_t width() const override { return input_.width; }
  double flops(const std::vector<int64_t>&) const override {
    const double fields = static_cast<double>(input_.fields.size());
    const double maps = fields + (is_mlb() ? 1 : 0);
    return static_cast<double>(joint_) *
           (2 * maps * static_cast<double>(input_.width) + fields * (fields - 1));
  }

 private:
  static constexpr double kRootFloor = 1e-6;

  bool is_mlb() const { return config_.form == BilinearForm::kMlb; }

  static at::Tensor sum_of_pairs(const at::Tensor& factors, const at::Tensor& present) {
    auto sum = at::zeros_like(factors.select(1, 0));  // [B, J]
    for (int64_t i = 0; i < factors.size(1); ++i) {
      for (int64_t j = i + 1; j < factors.size(1); ++j) {
        const auto none = present.select(1, i).logical_or(present.select(1, j)).logical_not();
        sum = sum + (factors.select(1, i) * factors.select(1, j))
                        .masked_fill(none.unsqueeze(1), 0);
      }
    }
    return sum;
  }

  at::Tensor pooled(const at::Tensor& joint) const {
    const auto z = joint.view({-1, input_.width, config_.factors}).sum(2);  // [B, D]
    return unit_rows(z * (z.abs() + kRootFloor).rsqrt());
  }

  BilinearConfig config_;
  FusionInput input_;
  int64_t joint_;  // J
  std::shared_ptr<FieldLinears> factor_;
  std::shared_ptr<Linear> output_;  // P, of form mlb
};

}  // namespace

std::shared_ptr<Fusion> make_bilinear(const ConfigNode& node, const FusionInput& input) {
  expect_two_fields(node, input);
  return std::make_shared<Bilinear>(read_member<BilinearConfig>(node), input);
}

}  // namespace braid
