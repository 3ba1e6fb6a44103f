// Matching: is a pair true (of one sample) or false (of two)?
//   L = mean over pairs of -log p where true, -log(1 - p) where false, p = sigmoid of the output
// Source: image-text matching of Li et al. 2021 (ALBEF), sec. 3.2. Who is paired:
// task/match_pairs.h. Unit: nats. At chance: log 2.
#include "braid/head/matching.h"

#include "braid/head/answer_layers.h"
#include "braid/head/head.h"

namespace braid {
namespace {

class MatchingHead final : public Head {
 public:
  MatchingHead(const MatchingConfig& config, const HeadInput& input)
      : layers_(register_module("layers",
                                std::make_shared<AnswerLayers>(config.head, input.width, 1))) {}

  at::Tensor forward(const at::Tensor& vectors) const override { return layers_->forward(vectors); }

  HeadLoss loss(const at::Tensor& outputs, const at::Tensor& targets) const override {
    expect_targets("matching", outputs, targets, 1);
    const auto z = outputs.to(at::kFloat);
    const auto is = targets > 0.5;  // [B, 1]
    const auto right = is.eq(z > 0).to(at::kFloat).mean();
    return {-at::where(is, at::log_sigmoid(z), at::log_sigmoid(-z)).mean(), right.item<double>()};
  }

  at::Tensor answers(const at::Tensor& outputs) const override {
    return outputs.to(at::kFloat).sigmoid().to(at::kDouble);
  }

  double flops() const override { return layers_->flops(); }

 private:
  std::shared_ptr<AnswerLayers> layers_;
};

}  // namespace

std::shared_ptr<Head> make_matching(const ConfigNode& node, const HeadInput& input) {
  return std::make_shared<MatchingHead>(read_member<MatchingConfig>(node), input);
}

}  // namespace braid
