// Table MLP: all cells' vectors side by side -> linear -> x + mlp(norm(x)) -> norm. Gives no
// tokens.
#include "braid/encoder/table_mlp.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/mlp.h"
#include "braid/block/norm.h"
#include "braid/encoder/cell_tokens.h"
#include "braid/encoder/encoder.h"

namespace braid {
namespace {

class TableMlp final : public Encoder {
 public:
  TableMlp(const TableMlpConfig& config, const TableShape& shape)
      : config_(config), inputs_(shape.columns * config.cell_width) {
    cells_ = register_module("cells", std::make_shared<CellTokens>(shape, config.cell_width));
    stem_ = register_module("stem", std::make_shared<Linear>(inputs_, config.width));
    for (int64_t i = 0; i < config.depth; ++i) {
      const auto number = std::to_string(i);
      norms_.push_back(register_module("norm" + number, std::make_shared<LayerNorm>(config.width)));
      mlps_.push_back(register_module(
          "mlp" + number, std::make_shared<Mlp>(config.width, config.hidden, config.width)));
    }
    last_norm_ = register_module("norm", std::make_shared<LayerNorm>(config.width));
  }

  Embedding encode(const at::Tensor& values, const at::Tensor&) override {
    auto x = stem_->forward(cells_->forward(values).flatten(1));  // [B, D]
    for (size_t i = 0; i < mlps_.size(); ++i) {
      const auto branch = mlps_[i]->forward(norms_[i]->forward(x));
      x = x + apply_dropout(branch, config_.dropout, is_training());
    }
    const auto pooled = apply_dropout(last_norm_->forward(x), config_.dropout, is_training());
    return {{}, pooled, at::ones({x.size(0)}, x.options().dtype(at::kBool))};
  }

  int64_t width() const override { return config_.width; }
  double flops() const override {
    return static_cast<double>(2 * inputs_ * config_.width +
                               4 * config_.depth * config_.width * config_.hidden);
  }

 private:
  TableMlpConfig config_;
  int64_t inputs_;
  std::shared_ptr<CellTokens> cells_;
  std::shared_ptr<Linear> stem_;
  std::vector<std::shared_ptr<LayerNorm>> norms_;
  std::vector<std::shared_ptr<Mlp>> mlps_;
  std::shared_ptr<LayerNorm> last_norm_;
};

}  // namespace

std::shared_ptr<Encoder> make_table_mlp(const ConfigNode& node, const EncoderInput& input) {
  expect_modality(node, input, "table");
  return std::make_shared<TableMlp>(
      read_member<TableMlpConfig>(node),
      TableShape{input.fact("columns"), input.fact("numbers"), input.fact("ids")});
}

}  // namespace braid
