// ViT (Dosovitskiy et al. 2021): patches -> linear -> + position -> transformer -> pooling.
#include "braid/encoder/vit.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/transformer.h"
#include "braid/encoder/encoder.h"

namespace braid {
namespace {

class Vit final : public Encoder {
 public:
  Vit(const VitConfig& config, int64_t channels, int64_t size)
      : config_(config), channels_(channels), size_(size), side_(size / config.patch) {
    const bool has_class = config.pooling == VitPooling::kClass;
    stem_ = register_module(
        "stem", std::make_shared<Linear>(channels * config.patch * config.patch, config.width));
    if (has_class)
      class_ = register_parameter("class", at::empty({1, 1, config.width}).normal_(0, 0.02));
    positions_ = register_parameter(
        "positions", at::empty({side_ * side_ + has_class, config.width}).normal_(0, 0.02));
    trunk_ =
        register_module("trunk", std::make_shared<Transformer>(TransformerShape{
                                     config.width, config.depth, config.heads, config.mlp_ratio,
                                     config.dropout, config.attention_dropout, config.drop_path}));
  }

  Embedding encode(const at::Tensor& values, const at::Tensor&) override {
    expect_pictures(values, channels_, size_);
    auto x = stem_->forward(patches(values));  // [B, T, D]
    if (class_.defined()) x = at::cat({class_.expand({x.size(0), 1, config_.width}), x}, 1);
    x = trunk_->forward(apply_dropout(x + positions_, config_.dropout, is_training()), {});
    const auto pooled = class_.defined() ? x.select(1, 0) : x.mean(1);  // [B, D]
    return {x,
            {},
            apply_dropout(pooled, config_.dropout, is_training()),
            at::ones({x.size(0)}, x.options().dtype(at::kBool))};
  }

  int64_t width() const override { return config_.width; }

  double flops() const override {
    const double stem = 2.0 * static_cast<double>(size_ * size_ * channels_ * config_.width);
    return stem + trunk_->flops(positions_.size(0));
  }

 private:
  // [B, C, S, S] -> [B, (S/p)^2, C p p], row by row
  at::Tensor patches(const at::Tensor& x) const {
    const int64_t p = config_.patch;
    return x.reshape({x.size(0), channels_, side_, p, side_, p})
        .permute({0, 2, 4, 1, 3, 5})
        .reshape({x.size(0), side_ * side_, channels_ * p * p});
  }

  VitConfig config_;
  int64_t channels_, size_, side_;
  std::shared_ptr<Linear> stem_;
  at::Tensor class_, positions_;
  std::shared_ptr<Transformer> trunk_;
};

}  // namespace

std::shared_ptr<Encoder> make_vit(const ConfigNode& node, const EncoderInput& input) {
  expect_modality(node, input, "image");
  const auto config = read_member<VitConfig>(node);
  const int64_t size = input.fact("size");
  if (size % config.patch != 0) {
    const auto* patch = node.find("patch");
    (patch ? *patch : node)
        .fail("patch: " + std::to_string(config.patch) + " does not divide the picture's side " +
              std::to_string(size));
  }
  expect_divides(node, config.heads, config.width);
  return std::make_shared<Vit>(config, input.fact("channels"), size);
}

}  // namespace braid
