// Text transformer: token + position -> transformer -> pooling. The real tokens of the batch go
// through as rows of one matrix; padding is never computed.
#include "braid/encoder/text_transformer.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/embedding_table.h"
#include "braid/block/initial.h"
#include "braid/encoder/encoder.h"
#include "braid/encoder/trunk.h"

namespace braid {
namespace {

constexpr double kTokenDeviation = 0.05;

class TextTransformer final : public Encoder {
 public:
  TextTransformer(const TextTransformerConfig& config, int64_t vocabulary, int64_t max_tokens,
                  std::shared_ptr<Transformer> shared)
      : config_(config), max_tokens_(max_tokens) {
    table_ = register_module(
        "tokens", std::make_shared<EmbeddingTable>(vocabulary, config.width, kTokenDeviation));
    if (config.positions) {
      positions_ =
          register_parameter("positions", normal_weights({max_tokens, config.width}, 0.02));
    }
    if (shared) modality_ = register_parameter("modality", normal_weights({config.width}, 0.02));
    trunk_ = shared ? std::move(shared)
                    : register_module("trunk", std::make_shared<Transformer>(trunk_shape(config)));
  }

  Embedding encode(const at::Tensor& values, const at::Tensor& given) override {
    const auto mask = expect_texts(values, given, max_tokens_);
    const auto segments = Segments::of_mask(mask);
    const auto x = trunk_->forward(embed(values, segments), segments);
    const auto pooled = config_.pooling == TextPooling::kMean ? segment_mean(x, segments)
                                                              : segment_last(x, segments);
    return {{x, segments}, apply_dropout(pooled, config_.dropout, is_training()), mask.any(1)};
  }

  at::Tensor encode_pooled(const at::Tensor& values, const at::Tensor& given) override {
    if (config_.pooling != TextPooling::kLast) return encode(values, given).pooled;
    const auto segments = Segments::of_mask(expect_texts(values, given, max_tokens_));
    const auto pooled = trunk_->forward_one(embed(values, segments), segments, OneToken::kLast);
    return apply_dropout(pooled, config_.dropout, is_training());
  }

  int64_t width() const override { return config_.width; }
  double flops() const override { return trunk_->flops(max_tokens_); }

 private:
  // What the trunk reads, [N, D].
  at::Tensor embed(const at::Tensor& ids, const Segments& segments) const {
    auto x = table_->forward(segments.pack(ids));
    if (positions_.defined()) x = x + positions_.index_select(0, segments.step_of_row(x.device()));
    if (modality_.defined()) x = x + modality_;
    return apply_dropout(x, config_.dropout, is_training());
  }

  TextTransformerConfig config_;
  int64_t max_tokens_;
  std::shared_ptr<EmbeddingTable> table_;
  at::Tensor positions_;  // [max_tokens, D]
  at::Tensor modality_;   // [D], with a shared trunk only
  std::shared_ptr<Transformer> trunk_;
};

}  // namespace

std::shared_ptr<Encoder> make_text_transformer(const ConfigNode& node, const EncoderInput& input) {
  expect_modality(node, input, "text");
  const auto config = read_member<TextTransformerConfig>(node);
  expect_divides(node, config.heads, config.width);
  return std::make_shared<TextTransformer>(config, input.fact("vocabulary"),
                                           input.fact("max_tokens"),
                                           shared_trunk(node, input, config.width));
}

}  // namespace braid
