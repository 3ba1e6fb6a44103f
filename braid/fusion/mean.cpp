// Mean: out = mean over present i of h_i; the weights are uniform over the present. A sample of one
// modality has its vector itself, so that lengths do not tell how many were there.
#include "braid/fusion/mean.h"

#include <torch/types.h>

#include "braid/fusion/parts.h"
#include "braid/block/unit_rows.h"

namespace braid {
namespace {

class Mean final : public Fusion {
 public:
  Mean(const MeanConfig& config, const FusionInput& input) : config_(config), input_(input) {}

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [values, present] = stack_pooled(parts, input_);  // [B, M, D], [B, M]
    const auto real = present.to(values.scalar_type());
    return {mean_of_present(config_.unit ? unit_rows(values) : values, present),
            real / real.sum(1, true).clamp_min(1)};
  }

  int64_t width() const override { return input_.width; }
  double flops(const std::vector<int64_t>&) const override {
    return static_cast<double>(input_.fields.size() + 1) * static_cast<double>(input_.width);
  }

 private:
  MeanConfig config_;
  FusionInput input_;
};

}  // namespace

std::shared_ptr<Fusion> make_mean(const ConfigNode& node, const FusionInput& input) {
  return std::make_shared<Mean>(read_member<MeanConfig>(node), input);
}

}  // namespace braid
