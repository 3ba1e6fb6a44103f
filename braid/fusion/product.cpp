// Product: out = element by element product of the present h_i; an absent one is a factor of 1, and
// a sample that carries nothing gives zeros, not the empty product.
// Source: Antol et al. 2015 (VQA), whose baseline joins picture and question this way.
#include "braid/fusion/product.h"

#include <torch/types.h>

#include "braid/fusion/parts.h"
#include "braid/block/unit_rows.h"

namespace braid {
namespace {

class Product final : public Fusion {
 public:
  Product(const ProductConfig& config, const FusionInput& input)
      : config_(config), input_(input) {}

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [values, present] = stack_pooled(parts, input_);  // [B, M, D], [B, M]
    const auto factors = (config_.unit ? unit_rows(values) : values)
                             .masked_fill(present.logical_not().unsqueeze(2), 1);
    auto out = factors.select(1, 0);  // [B, D]
    for (int64_t m = 1; m < factors.size(1); ++m) out = out * factors.select(1, m);
    return {zeros_for_nothing(out, present), {}};
  }

  int64_t width() const override { return input_.width; }
  double flops(const std::vector<int64_t>&) const override {
    return static_cast<double>(input_.fields.size()) * static_cast<double>(input_.width);
  }

 private:
  ProductConfig config_;
  FusionInput input_;
};

}  // namespace

std::shared_ptr<Fusion> make_product(const ConfigNode& node, const FusionInput& input) {
  return std::make_shared<Product>(read_member<ProductConfig>(node), input);
}

}  // namespace braid
