// Series transformer: 1-D convolution (kernel, stride), GELU, linear + time -> transformer -> mean.
// A token's time is the mean of its steps', as sines and cosines of periods even in logarithm, so
// that irregular steps and clocks of any rate need no positions. Steps that are not real count as
// the padding of the convolution does: a series does not depend on its batch.
#include "braid/encoder/series_transformer.h"

#include <torch/types.h>

#include <cmath>
#include <numbers>

#include "braid/block/dropout.h"
#include "braid/block/linear.h"
#include "braid/block/transformer.h"
#include "braid/encoder/encoder.h"

namespace braid {
namespace {

class SeriesTransformer final : public Encoder {
 public:
  SeriesTransformer(const SeriesTransformerConfig& config, int64_t channels, int64_t max_steps)
      : config_(config), features_(2 * channels + 1), max_steps_(max_steps) {
    stem_ = register_module("stem",
                            std::make_shared<Linear>(2 * channels * config.kernel, config.width));
    mix_ = register_module("mix", std::make_shared<Linear>(config.width, config.width));
    time_ = register_module("time", std::make_shared<Linear>(2 * config.time_waves, config.width));
    trunk_ =
        register_module("trunk", std::make_shared<Transformer>(TransformerShape{
                                     config.width, config.depth, config.heads, config.mlp_ratio,
                                     config.dropout, config.attention_dropout, config.drop_path}));
  }

  Embedding encode(const at::Tensor& values, const at::Tensor& given) override {
    const auto mask = expect_sequences(values, given, features_, max_steps_);
    const auto weight = mask.unsqueeze(2).to(values.scalar_type());  // [B, T, 1]
    const auto real = at::where(mask.unsqueeze(2), values, at::zeros_like(values));
    const int64_t kernel = config_.kernel, stride = config_.stride;
    const int64_t before = (kernel - stride) / 2;
    const auto steps = in_tokens(weight, stride, 0);  // [B, T', 1, s]
    const auto count = steps.sum(3);                  // [B, T', 1]
    const auto segments = Segments::of_mask(count.squeeze(2) > 0);
    const auto seen = real.narrow(2, 0, features_ - 1);
    auto x = stem_->forward(segments.pack(in_tokens(seen, kernel, before).flatten(2)));  // [N, D]
    x = mix_->forward(at::gelu(x));
    const auto sum = in_tokens(real.narrow(2, features_ - 1, 1), stride, 0).sum(3);
    x = x + time_->forward(waves(segments.pack(sum / count.clamp_min(1))));
    x = trunk_->forward(apply_dropout(x, config_.dropout, is_training()), segments);
    return {{x, segments},
            apply_dropout(segment_mean(x, segments), config_.dropout, is_training()),
            mask.any(1)};
  }

  int64_t width() const override { return config_.width; }

  double flops() const override {
    const int64_t tokens = tokens_of(max_steps_);
    const int64_t weights =
        stem_->weight().numel() + mix_->weight().numel() + time_->weight().numel();
    return 2.0 * static_cast<double>(tokens * weights) + trunk_->flops(tokens);
  }

 private:
  int64_t tokens_of(int64_t steps) const { return (steps + config_.stride - 1) / config_.stride; }

  // [B, T, C] -> [B, T', C, length]: the steps that each token sees, zeros beyond the ends
  at::Tensor in_tokens(const at::Tensor& x, int64_t length, int64_t before) const {
    const int64_t needed = (tokens_of(x.size(1)) - 1) * config_.stride + length;
    const int64_t after = std::max<int64_t>(0, needed - before - x.size(1));
    const auto padded = at::constant_pad_nd(x, {0, 0, before, after});
    return padded.unfold(1, length, config_.stride).narrow(1, 0, tokens_of(x.size(1)));
  }

  // seconds [N, 1] -> [N, 2 waves]
  at::Tensor waves(const at::Tensor& seconds) const {
    const auto step = at::arange(config_.time_waves, seconds.options()) /
                      static_cast<double>(std::max<int64_t>(1, config_.time_waves - 1));
    const double slow = 2 * std::numbers::pi / config_.longest_s;
    const auto rates = at::exp(step * std::log(config_.longest_s / config_.shortest_s)) * slow;
    const auto angles = seconds * rates;  // [N, waves]
    return at::cat({at::sin(angles), at::cos(angles)}, 1);
  }

  SeriesTransformerConfig config_;
  int64_t features_, max_steps_;
  std::shared_ptr<Linear> stem_, mix_, time_;
  std::shared_ptr<Transformer> trunk_;
};

}  // namespace

std::shared_ptr<Encoder> make_series_transformer(const ConfigNode& node,
                                                 const EncoderInput& input) {
  expect_modality(node, input, "series");
  const auto config = read_member<SeriesTransformerConfig>(node);
  expect_divides(node, config.heads, config.width);
  if (config.kernel < config.stride) {
    node.fail("kernel: " + std::to_string(config.kernel) + " is less than stride " +
              std::to_string(config.stride) + ": steps between two tokens would not be seen");
  }
  if (config.longest_s <= config.shortest_s) node.fail("longest_s: expected above shortest_s");
  return std::make_shared<SeriesTransformer>(config, input.fact("channels"),
                                             input.fact("max_steps"));
}

}  // namespace braid
