// Sum: out = sum over present i of h_i. Sums of word vectors stand for a text, and so do sums of a
// sample's vectors for the sample; how many are present shows in the length.
#include "braid/fusion/sum.h"

#include <torch/types.h>

#include "braid/fusion/parts.h"
#include "braid/block/unit_rows.h"

namespace braid {
namespace {

class Sum final : public Fusion {
 public:
  Sum(const SumConfig& config, const FusionInput& input) : config_(config), input_(input) {}

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto values = stack_pooled(parts, input_).values;  // [B, M, D], zeros where absent
    return {(config_.unit ? unit_rows(values) : values).sum(1), {}};
  }

  int64_t width() const override { return input_.width; }
  double flops(const std::vector<int64_t>&) const override {
    return static_cast<double>(input_.fields.size()) * static_cast<double>(input_.width);
  }

 private:
  SumConfig config_;
  FusionInput input_;
};

}  // namespace

std::shared_ptr<Fusion> make_sum(const ConfigNode& node, const FusionInput& input) {
  return std::make_shared<Sum>(read_member<SumConfig>(node), input);
}

}  // namespace braid
