// Bag of tokens: pooled = norm(m + mlp(m)), m = mean of the token vectors. No order, no attention:
// what the transformer must beat. Gives no tokens: only their mean is ever made.
#include "braid/encoder/bag_of_tokens.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/embedding_table.h"
#include "braid/block/transformer.h"
#include "braid/encoder/encoder.h"

namespace braid {
namespace {

// Small, so that a token training never saw says nothing, not something random.
constexpr double kBagDeviation = 0.02;

class BagOfTokens final : public Encoder {
 public:
  BagOfTokens(const BagOfTokensConfig& config, int64_t vocabulary, int64_t max_tokens)
      : config_(config), max_tokens_(max_tokens) {
    table_ = register_module(
        "tokens", std::make_shared<EmbeddingTable>(vocabulary, config.width, kBagDeviation));
    if (config.hidden > 0) {
      mlp_ =
          register_module("mlp", std::make_shared<Mlp>(config.width, config.hidden, config.width));
    }
    norm_ = register_module("norm", std::make_shared<LayerNorm>(config.width));
  }

  Embedding encode(const at::Tensor& values, const at::Tensor& given) override {
    const auto mask = expect_texts(values, given, max_tokens_);
    auto pooled = table_->mean(values, mask, config_.dropout);  // [B, D]
    if (mlp_) pooled = pooled + mlp_->forward(pooled);
    pooled = apply_dropout(norm_->forward(pooled), config_.dropout, is_training());
    return {{}, pooled, mask.any(1)};
  }

  int64_t width() const override { return config_.width; }
  double flops() const override {
    return 4.0 * static_cast<double>(config_.width * config_.hidden);
  }

 private:
  BagOfTokensConfig config_;
  int64_t max_tokens_;
  std::shared_ptr<EmbeddingTable> table_;
  std::shared_ptr<Mlp> mlp_;
  std::shared_ptr<LayerNorm> norm_;
};

}  // namespace

std::shared_ptr<Encoder> make_bag_of_tokens(const ConfigNode& node, const EncoderInput& input) {
  expect_modality(node, input, "text");
  return std::make_shared<BagOfTokens>(read_member<BagOfTokensConfig>(node),
                                       input.fact("vocabulary"), input.fact("max_tokens"));
}

}  // namespace braid
