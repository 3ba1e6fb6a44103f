// ViT (Dosovitskiy et al. 2021): patches -> linear -> + position -> transformer -> pooling.
// Patch dropout (FLIP, Li et al. 2023): training steps see a random part of the patches only.
#include "braid/encoder/vit.h"

#include <torch/types.h>

#include <cmath>

#include "braid/block/dropout.h"
#include "braid/block/initial.h"
#include "braid/encoder/encoder.h"
#include "braid/encoder/trunk.h"

namespace braid {
namespace {

class Vit final : public Encoder {
 public:
  Vit(const VitConfig& config, int64_t channels, int64_t size, std::shared_ptr<Transformer> shared)
      : config_(config), channels_(channels), size_(size), side_(size / config.patch) {
    const bool has_class = config.pooling == VitPooling::kClass;
    stem_ = register_module(
        "stem", std::make_shared<Linear>(channels * config.patch * config.patch, config.width));
    if (has_class) class_ = register_parameter("class", normal_weights({1, 1, config.width}, 0.02));
    positions_ = register_parameter(
        "positions", normal_weights({side_ * side_ + has_class, config.width}, 0.02));
    if (shared) modality_ = register_parameter("modality", normal_weights({config.width}, 0.02));
    trunk_ = shared ? std::move(shared)
                    : register_module("trunk", std::make_shared<Transformer>(trunk_shape(config)));
  }

  Embedding encode(const at::Tensor& values, const at::Tensor&) override {
    const auto [x, segments] = embed(values);
    const auto made = trunk_->forward(x, segments);
    const auto tokens = segments.pad(made);                                  // [B, T, D]
    const auto pooled = has_class() ? tokens.select(1, 0) : tokens.mean(1);  // [B, D]
    return {{made, segments},
            apply_dropout(pooled, config_.dropout, is_training()),
            at::ones({values.size(0)}, made.options().dtype(at::kBool))};
  }

  at::Tensor encode_pooled(const at::Tensor& values, const at::Tensor& mask) override {
    if (!has_class()) return encode(values, mask).pooled;
    const auto [x, segments] = embed(values);
    const auto pooled = trunk_->forward_one(x, segments, OneToken::kFirst);
    return apply_dropout(pooled, config_.dropout, is_training());
  }

  int64_t width() const override { return config_.width; }

  double flops() const override {
    const double stem = 2.0 * static_cast<double>(size_ * size_ * channels_ * config_.width);
    return stem + trunk_->flops(positions_.size(0));
  }

 private:
  bool has_class() const { return class_.defined(); }

  // What the trunk reads: the patches, a class token before them.
  Tokens embed(const at::Tensor& values) const {
    expect_pictures(values, channels_, size_);
    const int64_t batch = values.size(0), all = side_ * side_, kept = kept_patches();
    auto patches = cut(values);                      // [B, T, C p p]
    auto places = positions_.slice(0, has_class());  // [T, D], or [B, T', D] of those kept
    if (kept < all) {
      const auto chosen = choose(batch, kept, values.device());  // [B, T']
      const auto first = at::arange(batch, chosen.options()).unsqueeze(1) * all;
      patches = patches.flatten(0, 1).index_select(0, (first + chosen).flatten());
      places = places.index_select(0, chosen.flatten()).view({batch, kept, config_.width});
    }
    auto x = stem_->forward(patches).view({batch, kept, config_.width}) + places;
    if (has_class()) {
      const auto start = class_ + positions_.narrow(0, 0, 1);  // [1, 1, D]
      x = at::cat({start.expand({batch, 1, config_.width}), x}, 1);
    }
    if (modality_.defined()) x = x + modality_;
    const auto segments = Segments::uniform(batch, x.size(1));
    return {apply_dropout(segments.pack(x), config_.dropout, is_training()), segments};
  }

  int64_t kept_patches() const {
    const int64_t all = side_ * side_;
    if (!is_training()) return all;
    return std::max<int64_t>(1, std::llround((1 - config_.patch_dropout) * all));
  }

  // `kept` of the patches for each picture, any as likely as another, in their order: [B, kept].
  at::Tensor choose(int64_t batch, int64_t kept, at::Device device) const {
    const auto order = std::get<1>(at::rand({batch, side_ * side_}, at::kFloat).sort(1));
    return std::get<0>(order.narrow(1, 0, kept).sort(1)).to(device);
  }

  // [B, C, S, S] -> [B, (S/p)^2, C p p], row by row
  at::Tensor cut(const at::Tensor& x) const {
    const int64_t p = config_.patch;
    return x.reshape({x.size(0), channels_, side_, p, side_, p})
        .permute({0, 2, 4, 1, 3, 5})
        .reshape({x.size(0), side_ * side_, channels_ * p * p});
  }

  VitConfig config_;
  int64_t channels_, size_, side_;
  std::shared_ptr<Linear> stem_;
  at::Tensor class_, positions_;
  at::Tensor modality_;  // [D], with a shared trunk only
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
  return std::make_shared<Vit>(config, input.fact("channels"), size,
                               shared_trunk(node, input, config.width));
}

}  // namespace braid
