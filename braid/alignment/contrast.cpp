#include "braid/alignment/contrast.h"

#include <cmath>
#include <limits>
#include <sstream>

#include "braid/core/error.h"

namespace braid {

Temperature::Temperature(const TemperatureConfig& config)
    : max_log_scale_(-std::log(config.lowest)) {
  const auto start = at::full({}, -std::log(config.initial), at::kFloat);
  log_scale_ = config.learned ? register_parameter("log_scale", start) : start;
}

at::Tensor Temperature::scale() const { return log_scale_.exp(); }

double Temperature::value() const { return 1.0 / scale().item<double>(); }

void Temperature::bound() {
  const at::NoGradGuard no_grad;
  log_scale_.clamp_max_(max_log_scale_);
}

at::Tensor similarities(const at::Tensor& a, const at::Tensor& b, Similarity kind) {
  if (kind == Similarity::kDot) return a.matmul(b.t());  // [B, S]
  const auto unit = [](const at::Tensor& x) {
    return x / x.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-12);
  };
  return unit(a).matmul(unit(b).t());  // [B, S]
}

at::Tensor agree(const at::Tensor& a, const at::Tensor& b) {
  return a.unsqueeze(1).eq(b.unsqueeze(0)).any(2);  // [B, S]
}

at::Tensor false_negatives(const Pairs& pairs, bool mask_equal) {
  const auto options = pairs.a.options().dtype(at::kBool);
  const int64_t batch = pairs.a.size(0);
  if (!mask_equal || !pairs.identity.defined()) return at::zeros({batch, batch}, options);
  return agree(pairs.identity, pairs.identity).logical_and(at::eye(batch, options).logical_not());
}

at::Tensor diagonal_wins(const at::Tensor& scores) {
  const auto self = at::arange(scores.size(0), scores.options().dtype(at::kLong));  // [B]
  const auto right = scores.argmax(1).eq(self).to(at::kFloat).mean() +
                     scores.argmax(0).eq(self).to(at::kFloat).mean();
  return 0.5 * right;
}

at::Tensor contrast_loss(const at::Tensor& logits, const at::Tensor& target, double smoothing) {
  const auto log_p = at::log_softmax(logits, 1);  // [B, S]
  const auto hit = -log_p.gather(1, target.unsqueeze(1)).mean();
  if (smoothing == 0) return hit;
  const auto candidate = logits.ne(-std::numeric_limits<double>::infinity());
  const auto spread =
      -log_p.masked_fill(candidate.logical_not(), 0).sum(1) / candidate.sum(1);  // [B]
  return (1 - smoothing) * hit + smoothing * spread.mean();
}

void check_pairs(const char* who, const Pairs& pairs) {
  const auto& [a, b, identity] = pairs;
  std::ostringstream message;
  if (a.dim() != 2 || a.sizes() != b.sizes()) {
    message << who << ": expected two [B, D] of one shape, got " << a.sizes() << " and "
            << b.sizes();
    throw Error(ErrorCode::kShape, message.str());
  }
  if (identity.defined() && (identity.dim() != 2 || identity.size(0) != a.size(0))) {
    message << who << ": expected identity [" << a.size(0) << ", C], got " << identity.sizes();
    throw Error(ErrorCode::kShape, message.str());
  }
  if (a.size(0) < 2) {
    message << who << ": a batch of " << a.size(0) << " has no negatives, expected at least 2 rows";
    throw Error(ErrorCode::kInput, message.str());
  }
}

}  // namespace braid
