#include "braid/alignment/contrast.h"

#include <cmath>
#include <limits>
#include <sstream>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

}  // namespace

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

at::Tensor equal_rows(const at::Tensor& identity, const at::Tensor& rows) {
  const int64_t batch = rows.size(0);
  if (!identity.defined()) return at::zeros({batch, batch}, rows.options().dtype(at::kBool));
  const auto self = at::eye(batch, identity.options().dtype(at::kBool));
  return agree(identity, identity).logical_and(self.logical_not());
}

at::Tensor too_similar(const at::Tensor& positive, const at::Tensor& candidates,
                       const at::Tensor& known, const FalseNegativeConfig& config) {
  const auto none = at::zeros_like(known);
  const auto most = static_cast<int64_t>(config.at_most * static_cast<double>(known.size(1) - 1));
  if (config.above >= 1 || most == 0) return none;
  const auto cosine = similarities(positive.detach(), candidates.detach(), Similarity::kCosine)
                          .masked_fill(known, kNever);
  const auto [best, where] = cosine.topk(most, 1);  // [B, most]
  return none.scatter(1, where, best.gt(config.above));
}

at::Tensor no_negatives(const at::Tensor& partner, const at::Tensor& identity,
                        const NegativesConfig& config) {
  const int64_t batch = partner.size(0);
  const auto equal = equal_rows(config.mask_equal ? identity : at::Tensor(), partner);
  const auto known = equal.logical_or(at::eye(batch, equal.options()));
  return equal.logical_or(too_similar(partner, partner, known, config.false_negatives));
}

at::Tensor masked(const at::Tensor& logits, const at::Tensor& no_negative) {
  return logits.masked_fill(no_negative, kNever);
}

at::Tensor diagonal_wins(const at::Tensor& scores) {
  const auto self = at::arange(scores.size(0), scores.options().dtype(at::kLong));  // [B]
  return scores.argmax(1).eq(self).to(at::kFloat).mean();
}

at::Tensor contrast_loss(const at::Tensor& logits, const at::Tensor& target, double smoothing) {
  const auto log_p = at::log_softmax(logits, 1);  // [B, S]
  const auto hit = -log_p.gather(1, target.unsqueeze(1)).mean();
  if (smoothing == 0) return hit;
  const auto candidate = logits.ne(kNever);
  const auto spread =
      -log_p.masked_fill(candidate.logical_not(), 0).sum(1) / candidate.sum(1);  // [B]
  return (1 - smoothing) * hit + smoothing * spread.mean();
}

void check_pairs(const char* who, const Pairs& pairs) {
  const auto &a = pairs.a, &b = pairs.b, &identity = pairs.identity;
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
