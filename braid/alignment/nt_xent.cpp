// NT-Xent over two views of B samples, z = [a; b] with 2B rows; the partner of row i is i + B mod
// 2B:
//   L = 1/(2B) sum_i -log( exp(sim(z_i, z_p(i)) / t) / sum_{k in N(i)} exp(sim(z_i, z_k) / t) )
// N(i) is every other row (denominator: others) or every row, itself too (with_self).
// Source: Chen et al. 2020 (SimCLR), eq. 1. Ours: rows with equal values, and false negatives by
// likeness (contrast.h), leave each other's N(i).
// Unit: nats. At chance: log(2B - 1), with_self log 2B.
#include "braid/alignment/nt_xent.h"

#include "braid/alignment/alignment.h"
#include "braid/alignment/contrast.h"

namespace braid {
namespace {

class NtXent final : public Alignment {
 public:
  explicit NtXent(const NtXentConfig& config)
      : config_(config),
        temperature_(
            register_module("temperature", std::make_shared<Temperature>(config.temperature))) {}

  AlignmentLoss forward(const Pairs& pairs) override {
    check_pairs("nt_xent", pairs);
    const int64_t batch = pairs.a.size(0);
    const auto z = at::cat({pairs.a, pairs.b}, 0);                                       // [2B, D]
    const auto logits = similarities(z, z, config_.similarity) * temperature_->scale();  // [2B, 2B]
    const auto self = at::eye(2 * batch, logits.options().dtype(at::kBool));             // [2B, 2B]
    const auto partner =
        (at::arange(2 * batch, logits.options().dtype(at::kLong)) + batch) % (2 * batch);
    const auto left_out = spared(pairs, z, self);  // [2B, 2B]
    const auto others = masked(logits, left_out.logical_or(self));
    const auto candidates =
        config_.denominator == Denominator::kOthers ? others : masked(logits, left_out);
    const auto accuracy = others.argmax(1).eq(partner).to(at::kFloat).mean();
    return {contrast_loss(candidates, partner, /*smoothing=*/0), accuracy};
  }

  std::vector<std::pair<std::string, double>> readings() const override {
    return {{"temperature", temperature_->value()}};
  }
  void bound() override { temperature_->bound(); }

 private:
  // Neither a row itself nor its partner is ever spared.
  at::Tensor spared(const Pairs& pairs, const at::Tensor& z, const at::Tensor& self) const {
    const auto identity = config_.negatives.mask_equal ? pairs.identity : at::Tensor();
    const auto equal = equal_rows(identity, pairs.a).repeat({2, 2});  // [2B, 2B]
    const auto known = equal.logical_or(self).logical_or(self.roll(pairs.a.size(0), 0));
    const auto partner = at::cat({pairs.b, pairs.a}, 0);  // [2B, D]
    return equal.logical_or(too_similar(partner, z, known, config_.negatives.false_negatives));
  }

  NtXentConfig config_;
  std::shared_ptr<Temperature> temperature_;
};

}  // namespace

std::shared_ptr<Alignment> make_nt_xent(const ConfigNode& node, int64_t /*width*/) {
  return std::make_shared<NtXent>(read_member<NtXentConfig>(node));
}

}  // namespace braid
