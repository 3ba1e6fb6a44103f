// Contrast against keys from momentum encoders: those of the batch and of a queue of past batches.
//   L = -1/(2B) sum_i [ log softmax_{j in batch, queue}(sim(a_i, kb_j) / t)_i
//                     + log softmax_{j in batch, queue}(sim(b_i, ka_j) / t)_i ]
// ka, kb: keys of either side, without gradient. The queue is empty at first and holds the last
// `length` pairs.
// Source: He et al. 2020 (MoCo), eq. 1, 2 and algorithm 1; both directions and the batch's own keys
// among the candidates as Li et al. 2021 (ALBEF), eq. 6 (without its distilled targets).
// Ours: rows and past pairs of the same sample or an equal value, and false negatives by likeness
// (contrast.h), leave the denominator.
// Unit: nats. At chance: log(B + pairs in the queue).
#include "braid/alignment/momentum_queue.h"

#include <algorithm>

#include "braid/alignment/alignment.h"
#include "braid/alignment/contrast.h"
#include "braid/core/error.h"

namespace braid {
namespace {

constexpr int64_t kIdentityColumns = 3;  // the sample, its value in a, its value in b

class MomentumQueue final : public Alignment {
 public:
  MomentumQueue(const MomentumQueueConfig& config, int64_t width)
      : config_(config),
        temperature_(
            register_module("temperature", std::make_shared<Temperature>(config.temperature))),
        a_queue_(register_buffer("a_queue", at::zeros({config.length, width}, at::kFloat))),
        b_queue_(register_buffer("b_queue", at::zeros({config.length, width}, at::kFloat))),
        identity_queue_(register_buffer("identity_queue",
                                        at::zeros({config.length, kIdentityColumns}, at::kLong))),
        seen_(register_buffer("seen", at::zeros({}, at::kLong))) {}

  AlignmentLoss forward(const Pairs& pairs) override {
    check(pairs);
    const auto forth = direction(pairs.a, pairs.b_key, b_queue_, pairs.identity);
    const auto back = direction(pairs.b, pairs.a_key, a_queue_, pairs.identity);
    return {0.5 * (forth.loss + back.loss), 0.5 * (forth.accuracy + back.accuracy)};
  }

  std::vector<std::pair<std::string, double>> readings() const override {
    return {{"temperature", temperature_->value()}};
  }
  double momentum() const override { return config_.momentum; }

  // A ring: the newest pairs overwrite the oldest.
  void remember(const Pairs& pairs) override {
    const at::NoGradGuard no_grad;
    const int64_t fresh = std::min(pairs.a_key.size(0), config_.length);
    const int64_t skipped = pairs.a_key.size(0) - fresh;
    const auto place = (at::arange(fresh, seen_.options()) + seen_) % config_.length;
    a_queue_.index_copy_(0, place, pairs.a_key.narrow(0, skipped, fresh));
    b_queue_.index_copy_(0, place, pairs.b_key.narrow(0, skipped, fresh));
    identity_queue_.index_copy_(0, place, pairs.identity.narrow(0, skipped, fresh));
    seen_ += fresh;
  }

  void bound() override { temperature_->bound(); }

 private:
  static void check(const Pairs& pairs) {
    check_pairs("momentum_queue", pairs);
    const auto fits = [&](const at::Tensor& key) {
      return key.defined() && key.sizes() == pairs.a.sizes();
    };
    if (!fits(pairs.a_key) || !fits(pairs.b_key) || !pairs.identity.defined() ||
        pairs.identity.size(1) != kIdentityColumns) {
      throw Error(ErrorCode::kShape,
                  "momentum_queue: expected keys of the shape of a and b, and identity [B, 3]");
    }
  }

  // Rows of `queries` must pick their own key. Vectors narrower than the queue see its first
  // values.
  AlignmentLoss direction(const at::Tensor& queries, const at::Tensor& own, const at::Tensor& queue,
                          const at::Tensor& identity) const {
    const int64_t batch = own.size(0);
    const int64_t held = std::min(seen_.item<int64_t>(), config_.length);
    const auto past = queue.narrow(0, 0, held).narrow(1, 0, own.size(1)).to(own.scalar_type());
    const auto keys = at::cat({own, past}, 0);  // [S, D], S = B + held
    const auto self = at::eye(batch, batch + held, identity.options().dtype(at::kBool));  // [B, S]
    auto spared = at::zeros_like(self);
    if (config_.negatives.mask_equal) {
      const auto known = at::cat({identity, identity_queue_.narrow(0, 0, held)}, 0);  // [S, 3]
      spared = agree(identity, known).logical_and(self.logical_not());
    }
    spared = spared.logical_or(
        too_similar(own, keys, spared.logical_or(self), config_.negatives.false_negatives));
    const auto logits =
        masked(similarities(queries, keys, config_.similarity) * temperature_->scale(), spared);
    const auto target = at::arange(batch, identity.options());  // [B]
    return {contrast_loss(logits, target, /*smoothing=*/0), diagonal_wins(logits)};
  }

  MomentumQueueConfig config_;
  std::shared_ptr<Temperature> temperature_;
  at::Tensor a_queue_, b_queue_;  // [length, D]
  at::Tensor identity_queue_;     // [length, 3]
  at::Tensor seen_;               // 0-d long: pairs taken in so far
};

}  // namespace

std::shared_ptr<Alignment> make_momentum_queue(const ConfigNode& node, int64_t width) {
  return std::make_shared<MomentumQueue>(read_member<MomentumQueueConfig>(node), width);
}

}  // namespace braid
