// Triplet loss: the partner must be more similar than negatives by a margin m.
//   L = 1/(2B) sum_i [ h(s(a_i, b_i), {s(a_i, b_j)}) + h(s(b_i, a_i), {s(b_i, a_j)}) ]
//   h(p, N) = max(0, m + n - p),  n chosen from the negatives' similarities N by `mining`:
//   hardest    max N                  (Faghri et al. 2018, VSE++, eq. 6)
//   semi_hard  max {n in N: n < p}, or min N where none is below p
//              (Schroff et al. 2015, FaceNet, section 3.2; the fallback as in TensorFlow Addons)
//   all        the mean of max(0, m + n - p) over N (Kiros et al. 2014, there a sum)
// Ours: rows with equal values, and false negatives by likeness (contrast.h), are not in N; a row
// whose N is empty costs nothing.
// Unit: similarity. At chance (all similarities equal): m.
#include "braid/alignment/triplet.h"

#include <limits>

#include "braid/alignment/alignment.h"
#include "braid/alignment/contrast.h"

namespace braid {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Triplet final : public Alignment {
 public:
  explicit Triplet(const TripletConfig& config) : config_(config) {}

  AlignmentLoss forward(const Pairs& pairs) override {
    check_pairs("triplet", pairs);
    const auto scores = similarities(pairs.a, pairs.b, config_.similarity);  // [B, B]
    const auto forth_out = no_negatives(pairs.b, pairs.identity, config_.negatives);
    const auto back_out = no_negatives(pairs.a, pairs.identity, config_.negatives);
    const auto loss = 0.5 * (hinge(scores, forth_out) + hinge(scores.t(), back_out));
    const auto wins =
        diagonal_wins(masked(scores, forth_out)) + diagonal_wins(masked(scores.t(), back_out));
    return {loss, 0.5 * wins};
  }

 private:
  // Rows ask; their partners are on the diagonal. 0-d, mean over rows.
  at::Tensor hinge(const at::Tensor& scores, const at::Tensor& left_out) const {
    const auto partner = scores.diagonal().unsqueeze(1);  // [B, 1]
    const auto no_negative = left_out.logical_or(at::eye(scores.size(0), left_out.options()));
    const auto cost = (config_.margin + scores - partner).clamp_min(0);  // [B, B]
    if (config_.mining == Mining::kAll) {
      const auto count = no_negative.logical_not().sum(1).clamp_min(1);  // [B]
      return (cost.masked_fill(no_negative, 0).sum(1) / count).mean();
    }
    const auto chosen = choose(scores.detach(), partner.detach(), no_negative);  // [B, 1]
    const auto alone = no_negative.all(1);                                       // [B]
    return cost.gather(1, chosen).squeeze(1).masked_fill(alone, 0).mean();
  }

  // Column of each row's negative: [B, 1] long; any column where a row has none.
  at::Tensor choose(const at::Tensor& scores, const at::Tensor& partner,
                    const at::Tensor& no_negative) const {
    const auto hardest = [&](const at::Tensor& without) {
      return masked(scores, without).argmax(1, /*keepdim=*/true);  // [B, 1]
    };
    if (config_.mining == Mining::kHardest) return hardest(no_negative);
    const auto above = no_negative.logical_or(scores.ge(partner));  // [B, B]
    const auto easiest =
        scores.masked_fill(no_negative, kInfinity).argmin(1, /*keepdim=*/true);  // [B, 1]
    return at::where(above.all(1, /*keepdim=*/true), easiest, hardest(above));
  }

  TripletConfig config_;
};

}  // namespace

std::shared_ptr<Alignment> make_triplet(const ConfigNode& node, int64_t /*width*/) {
  return std::make_shared<Triplet>(read_member<TripletConfig>(node));
}

}  // namespace braid
