// InfoNCE, symmetric: row i of `a` must pick row i of `b` among the batch, and back.
//   L = -1/(2B) sum_i [ log softmax_j(sim(a_i, b_j) / t)_i + log softmax_j(sim(b_i, a_j) / t)_i ]
// Source: van den Oord et al. 2018, eq. 4; symmetric form Radford et al. 2021, fig. 3.
// Ours: rows with equal values leave each other's denominator; optional label smoothing.
// Unit: nats. At chance: log B.
#include "braid/alignment/info_nce.h"

#include <limits>

#include "braid/alignment/alignment.h"
#include "braid/alignment/contrast.h"

namespace braid {
namespace {

class InfoNce final : public Alignment {
 public:
  explicit InfoNce(const InfoNceConfig& config)
      : config_(config),
        temperature_(
            register_module("temperature", std::make_shared<Temperature>(config.temperature))) {}

  AlignmentLoss forward(const at::Tensor& a, const at::Tensor& b, const at::Tensor& same) override {
    check_pair("info_nce", a, b, same);
    auto logits = similarities(a, b, config_.similarity) * temperature_->scale();  // [B, B]
    if (config_.mask_equal && same.defined()) {
      logits = logits.masked_fill(false_negatives(same), -std::numeric_limits<double>::infinity());
    }
    const auto self = at::arange(a.size(0), logits.options().dtype(at::kLong));  // [B]
    const auto loss = 0.5 * (contrast_loss(logits, self, config_.label_smoothing) +
                             contrast_loss(logits.t(), self, config_.label_smoothing));
    const auto right = logits.argmax(1).eq(self).to(at::kFloat).mean() +
                       logits.argmax(0).eq(self).to(at::kFloat).mean();
    return {loss, 0.5 * right};
  }

  double temperature() const override { return temperature_->value(); }
  void bound() override { temperature_->bound(); }

 private:
  InfoNceConfig config_;
  std::shared_ptr<Temperature> temperature_;
};

}  // namespace

std::shared_ptr<Alignment> make_info_nce(const ConfigNode& node) {
  return std::make_shared<InfoNce>(read_member<InfoNceConfig>(node));
}

}  // namespace braid
