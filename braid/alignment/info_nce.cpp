// InfoNCE, symmetric: row i of `a` must pick row i of `b` among the batch, and back.
//   L = -1/(2B) sum_i [ log softmax_j(sim(a_i, b_j) / t)_i + log softmax_j(sim(b_i, a_j) / t)_i ]
// Source: van den Oord et al. 2018, eq. 4; symmetric form Radford et al. 2021, fig. 3.
// Ours: rows with equal values, and false negatives by likeness (contrast.h), leave each other's
// denominator; optional label smoothing.
// Unit: nats. At chance: log B.
#include "braid/alignment/info_nce.h"

#include "braid/alignment/alignment.h"
#include "braid/alignment/contrast.h"
#include "braid/alignment/pair_contrast.h"
#include "braid/block/unit_rows.h"

namespace braid {
namespace {

class InfoNce final : public Alignment {
 public:
  explicit InfoNce(const InfoNceConfig& config)
      : config_(config),
        temperature_(
            register_module("temperature", std::make_shared<Temperature>(config.temperature))) {}

  AlignmentLoss forward(const Pairs& pairs) override {
    check_pairs("info_nce", pairs);
    if (plain() && has_pair_contrast(pairs.a, pairs.b)) {
      const bool cosine = config_.similarity == Similarity::kCosine;
      return pair_contrast(cosine ? unit_rows(pairs.a) : pairs.a,
                           cosine ? unit_rows(pairs.b) : pairs.b, temperature_->scale(),
                           config_.negatives.mask_equal ? pairs.identity : at::Tensor());
    }
    const auto logits =  // [B, B]
        similarities(pairs.a, pairs.b, config_.similarity) * temperature_->scale();
    const auto forth = masked(logits, no_negatives(pairs.b, pairs.identity, config_.negatives));
    const auto back = masked(logits.t(), no_negatives(pairs.a, pairs.identity, config_.negatives));
    const auto self = at::arange(logits.size(0), logits.options().dtype(at::kLong));  // [B]
    const auto loss = 0.5 * (contrast_loss(forth, self, config_.label_smoothing) +
                             contrast_loss(back, self, config_.label_smoothing));
    return {loss, 0.5 * (diagonal_wins(forth) + diagonal_wins(back))};
  }

  std::vector<std::pair<std::string, double>> readings() const override {
    return {{"temperature", temperature_->value()}};
  }
  void bound() override { temperature_->bound(); }

 private:
  // What the kernel does not do: both need the whole matrix of scores.
  bool plain() const {
    const auto& filter = config_.negatives.false_negatives;
    return config_.label_smoothing == 0 && (filter.above >= 1 || filter.at_most == 0);
  }

  InfoNceConfig config_;
  std::shared_ptr<Temperature> temperature_;
};

}  // namespace

std::shared_ptr<Alignment> make_info_nce(const ConfigNode& node, int64_t /*width*/) {
  return std::make_shared<InfoNce>(read_member<InfoNceConfig>(node));
}

}  // namespace braid
