// Regression: one output a target, loss of the scaled error r = output - (target - mean) /
// deviation.
//   mse r^2;  mae |r|;  huber r^2 / 2 where |r| <= d, else d (|r| - d / 2)   (Huber 1964)
// Mean over the numbers that are known. Outputs come back in the target's own unit.
#include "braid/head/regression.h"

#include <limits>

#include "braid/head/answer_layers.h"
#include "braid/head/head.h"

namespace braid {
namespace {

at::Tensor row_tensor(const std::vector<double>& values) { return at::tensor(values, at::kDouble); }

class RegressionHead final : public Head {
 public:
  RegressionHead(const RegressionConfig& config, const HeadInput& input)
      : config_(config), targets_(static_cast<int64_t>(input.facts.columns.size())) {
    layers_ = register_module("layers",
                              std::make_shared<AnswerLayers>(config.head, input.width, targets_));
    // Not of the state: they follow from the facts.
    mean_ = at::zeros({targets_}, at::kDouble);
    deviation_ = at::ones({targets_}, at::kDouble);
    if (config.scale == TargetScale::kNone) return;
    mean_ = row_tensor(input.facts.mean);
    deviation_ = row_tensor(input.facts.deviation);
  }

  at::Tensor forward(const at::Tensor& vectors) const override { return layers_->forward(vectors); }

  HeadLoss loss(const at::Tensor& outputs, const at::Tensor& targets) const override {
    expect_targets("regression", outputs, targets, targets_);
    const auto y = outputs.to(at::kFloat);
    const auto here = y.device();
    const auto known = targets.isnan().logical_not();  // [B, K]
    const auto scaled = ((targets - mean_.to(here)) / deviation_.to(here)).to(at::kFloat);
    // Selected, not multiplied by 0: a NaN would stay one, in the gradient too.
    const auto r = (y - scaled.nan_to_num(0)).masked_select(known);
    return {each_loss(r).mean(), std::numeric_limits<double>::quiet_NaN()};
  }

  at::Tensor answers(const at::Tensor& outputs) const override {
    const auto y = outputs.to(at::kDouble);
    return y * deviation_.to(y.device()) + mean_.to(y.device());
  }

  double flops() const override { return layers_->flops(); }

 private:
  at::Tensor each_loss(const at::Tensor& r) const {
    if (config_.loss == RegressionLoss::kMse) return r.square();
    if (config_.loss == RegressionLoss::kMae) return r.abs();
    const double d = config_.delta;
    return at::where(r.abs() <= d, r.square() / 2, (r.abs() - d / 2) * d);
  }

  RegressionConfig config_;
  int64_t targets_;
  std::shared_ptr<AnswerLayers> layers_;
  at::Tensor mean_, deviation_;  // [K]
};

}  // namespace

std::shared_ptr<Head> make_regression(const ConfigNode& node, const HeadInput& input) {
  return std::make_shared<RegressionHead>(read_member<RegressionConfig>(node), input);
}

}  // namespace braid
