// Audio spectrogram transformer (after Gong et al. 2021): patches of time and frequency -> linear
// ->
// + position in time + position in frequency -> transformer -> mean. Patches beyond a sound's end
// are never computed.
#include "braid/encoder/ast.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/initial.h"
#include "braid/encoder/encoder.h"
#include "braid/encoder/trunk.h"

namespace braid {
namespace {

class Ast final : public Encoder {
 public:
  Ast(const AstConfig& config, int64_t bands, int64_t max_frames,
      std::shared_ptr<Transformer> shared)
      : config_(config),
        bands_(bands),
        max_frames_(max_frames),
        columns_(bands / config.patch_bands),
        steps_((max_frames + config.patch_frames - 1) / config.patch_frames) {
    stem_ = register_module(
        "stem", std::make_shared<Linear>(config.patch_frames * config.patch_bands, config.width));
    times_ = register_parameter("times", normal_weights({steps_, config.width}, 0.02));
    frequencies_ =
        register_parameter("frequencies", normal_weights({columns_, config.width}, 0.02));
    if (shared) modality_ = register_parameter("modality", normal_weights({config.width}, 0.02));
    trunk_ = shared ? std::move(shared)
                    : register_module("trunk", std::make_shared<Transformer>(trunk_shape(config)));
  }

  Embedding encode(const at::Tensor& values, const at::Tensor& given) override {
    const auto mask = expect_sequences(values, given, bands_, max_frames_);  // [B, T]
    const auto real = patch_mask(mask);                                      // [B, t, f]
    const int64_t steps = real.size(1);
    const auto segments = Segments::of_mask(real.flatten(1));
    const auto places = (times_.slice(0, 0, steps).unsqueeze(1) + frequencies_.unsqueeze(0))
                            .flatten(0, 1);  // [t f, D]
    auto x = stem_->forward(segments.pack(cut(values.masked_fill(~mask.unsqueeze(2), 0), steps))) +
             places.index_select(0, segments.step_of_row(values.device()));  // [N, D]
    if (modality_.defined()) x = x + modality_;
    x = trunk_->forward(apply_dropout(x, config_.dropout, is_training()), segments);
    return {{x, segments},
            apply_dropout(segment_mean(x, segments), config_.dropout, is_training()),
            mask.any(1)};
  }

  int64_t width() const override { return config_.width; }

  double flops() const override {
    const int64_t patches = steps_ * columns_;
    const double stem = 2.0 * static_cast<double>(patches * config_.patch_frames *
                                                  config_.patch_bands * config_.width);
    return stem + trunk_->flops(patches);
  }

 private:
  // [B, T] -> [B, t, f]: a patch is real where its first frame is.
  at::Tensor patch_mask(const at::Tensor& mask) const {
    const auto first = mask.slice(1, 0, mask.size(1), config_.patch_frames);  // [B, t]
    return first.unsqueeze(2).expand({first.size(0), first.size(1), columns_});
  }

  // [B, T, F] -> [B, t f, patch], padded with zeros to whole patches
  at::Tensor cut(const at::Tensor& x, int64_t steps) const {
    const int64_t p = config_.patch_frames, q = config_.patch_bands;
    return at::constant_pad_nd(x, {0, 0, 0, steps * p - x.size(1)})
        .reshape({x.size(0), steps, p, columns_, q})
        .permute({0, 1, 3, 2, 4})
        .reshape({x.size(0), steps * columns_, p * q});
  }

  AstConfig config_;
  int64_t bands_, max_frames_, columns_, steps_;
  std::shared_ptr<Linear> stem_;
  at::Tensor times_, frequencies_;  // [t, D], [f, D]
  at::Tensor modality_;             // [D], with a shared trunk only
  std::shared_ptr<Transformer> trunk_;
};

}  // namespace

std::shared_ptr<Encoder> make_ast(const ConfigNode& node, const EncoderInput& input) {
  expect_modality(node, input, "audio");
  const auto config = read_member<AstConfig>(node);
  const int64_t bands = input.fact("width");
  if (bands % config.patch_bands != 0) {
    const auto* at = node.find("patch_bands");
    (at ? *at : node)
        .fail("patch_bands: " + std::to_string(config.patch_bands) +
              " does not divide the modality's " + std::to_string(bands));
  }
  expect_divides(node, config.heads, config.width);
  return std::make_shared<Ast>(config, bands, input.fact("max_frames"),
                               shared_trunk(node, input, config.width));
}

}  // namespace braid
