// FT-Transformer (Gorishniy et al. 2021): a class token and one token a column -> transformer ->
// the class token.
#include "braid/encoder/ft_transformer.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/initial.h"
#include "braid/block/transformer.h"
#include "braid/encoder/cell_tokens.h"
#include "braid/encoder/encoder.h"

namespace braid {
namespace {

class FtTransformer final : public Encoder {
 public:
  FtTransformer(const FtTransformerConfig& config, const TableShape& shape)
      : config_(config), columns_(shape.columns) {
    cells_ = register_module("cells", std::make_shared<CellTokens>(shape, config.width));
    class_ = register_parameter("class", normal_weights({1, 1, config.width}, 0.02));
    trunk_ =
        register_module("trunk", std::make_shared<Transformer>(TransformerShape{
                                     config.width, config.depth, config.heads, config.mlp_ratio,
                                     config.dropout, config.attention_dropout, config.drop_path}));
  }

  Embedding encode(const at::Tensor& values, const at::Tensor&) override {
    const auto [cells, segments] = embed(values);
    const auto x = trunk_->forward(cells, segments);
    const auto pooled = segments.pad(x).select(1, 0);  // [B, D]
    return {{x, segments},
            apply_dropout(pooled, config_.dropout, is_training()),
            at::ones({values.size(0)}, x.options().dtype(at::kBool))};
  }

  at::Tensor encode_pooled(const at::Tensor& values, const at::Tensor&) override {
    const auto [cells, segments] = embed(values);
    const auto pooled = trunk_->forward_one(cells, segments, OneToken::kFirst);
    return apply_dropout(pooled, config_.dropout, is_training());
  }

  int64_t width() const override { return config_.width; }
  double flops() const override { return trunk_->flops(1 + columns_); }

 private:
  // What the trunk reads: the cells, a class token before them.
  Tokens embed(const at::Tensor& values) const {
    const auto cells = cells_->forward(values);  // [B, C, D]
    const int64_t batch = cells.size(0);
    const auto x = at::cat({class_.expand({batch, 1, config_.width}), cells}, 1);  // [B, 1 + C, D]
    const auto segments = Segments::uniform(batch, 1 + columns_);
    return {apply_dropout(segments.pack(x), config_.dropout, is_training()), segments};
  }

  FtTransformerConfig config_;
  int64_t columns_;
  std::shared_ptr<CellTokens> cells_;
  at::Tensor class_;
  std::shared_ptr<Transformer> trunk_;
};

}  // namespace

std::shared_ptr<Encoder> make_ft_transformer(const ConfigNode& node, const EncoderInput& input) {
  expect_modality(node, input, "table");
  const auto config = read_member<FtTransformerConfig>(node);
  expect_divides(node, config.heads, config.width);
  return std::make_shared<FtTransformer>(
      config, TableShape{input.fact("columns"), input.fact("numbers"), input.fact("ids")});
}

}  // namespace braid
