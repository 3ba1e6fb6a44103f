#include "braid/generate/next_token.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace braid {
namespace {

constexpr double kInfiniteLogit = std::numeric_limits<double>::infinity();
constexpr int64_t kUsualNucleus = 64;  // tokens looked at first

}  // namespace

void NextToken::read(std::span<const float> logits, std::span<const int64_t> written,
                     double repetition_penalty) {
  forbidden_ = -1;
  logits_.assign(logits.begin(), logits.end());
  if (repetition_penalty != 1) {
    for (const int64_t token : written) {
      const auto at = static_cast<size_t>(token);
      const double raw = logits[at];  // not logits_: a token written twice is penalized once
      if (raw != 0) logits_[at] = raw > 0 ? raw / repetition_penalty : raw * repetition_penalty;
    }
  }
  largest_ = logits_.empty() ? -kInfiniteLogit : *std::max_element(logits_.begin(), logits_.end());
  double sum = 0;
  for (const double logit : logits_) sum += std::exp(logit - largest_);
  log_sum_ = std::log(sum);
}

const char* NextToken::fault() const {
  // nan and inf - inf are both nan, wherever they stand in the sum.
  if (std::isfinite(log_sum_)) return nullptr;
  for (const double logit : logits_) {
    if (std::isnan(logit)) return "a logit is not a number";
    if (logit == kInfiniteLogit) return "a logit is infinite";
  }
  return "all logits are -infinity";
}

double NextToken::log_probability(int64_t token) const {
  return logits_[static_cast<size_t>(token)] - largest_ - log_sum_;
}

bool NextToken::possible(int64_t token) const {
  return token != forbidden_ && logits_[static_cast<size_t>(token)] > -kInfiniteLogit;
}

const std::vector<int64_t>& NextToken::best(int64_t count) {
  const auto better = [this](int64_t a, int64_t b) {
    const double left = logits_[static_cast<size_t>(a)], right = logits_[static_cast<size_t>(b)];
    return left != right ? left > right : a < b;
  };
  kept_.clear();  // a heap, its worst token in front
  for (int64_t token = 0; token < std::ssize(logits_); ++token) {
    if (!possible(token)) continue;
    if (std::ssize(kept_) == count) {
      if (!better(token, kept_.front())) continue;
      std::pop_heap(kept_.begin(), kept_.end(), better);
      kept_.back() = token;
    } else {
      kept_.push_back(token);
    }
    std::push_heap(kept_.begin(), kept_.end(), better);
  }
  std::sort_heap(kept_.begin(), kept_.end(), better);
  return kept_;
}

double NextToken::weight(int64_t token, double temperature) const {
  return std::exp((logits_[static_cast<size_t>(token)] - reference_) / temperature);
}

// Leaves in kept_ what top_k and then top_p leave, best first.
void NextToken::keep_nucleus(const DrawRule& rule) {
  const auto all = std::ssize(logits_);
  const int64_t most = rule.top_k > 0 ? std::min<int64_t>(rule.top_k, all) : all;
  double total = 0;
  if (rule.top_k > 0) {
    for (const int64_t token : best(most)) total += weight(token, rule.temperature);
    if (rule.top_p == 1) return;
  } else {
    for (int64_t token = 0; token < all; ++token)
      if (possible(token)) total += weight(token, rule.temperature);
  }
  // Most nuclei are small: the whole vocabulary is sorted for a flat distribution only.
  for (int64_t count = std::min(kUsualNucleus, most);; count = std::min(16 * count, most)) {
    best(count);
    double mass = 0;
    for (size_t i = 0; i < kept_.size(); ++i) {
      mass += weight(kept_[i], rule.temperature);
      if (mass < rule.top_p * total) continue;
      kept_.resize(i + 1);
      return;
    }
    if (count == most) return;  // rounding left the sum short
  }
}

int64_t NextToken::draw(const DrawRule& rule, double uniform) {
  reference_ = -kInfiniteLogit;
  for (int64_t token = 0; token < std::ssize(logits_); ++token)
    if (possible(token)) reference_ = std::max(reference_, logits_[static_cast<size_t>(token)]);
  if (reference_ == -kInfiniteLogit) return -1;
  if (rule.top_k > 0 || rule.top_p < 1) {
    keep_nucleus(rule);
  } else {
    kept_.resize(logits_.size());
    std::iota(kept_.begin(), kept_.end(), int64_t{0});
    std::erase_if(kept_, [this](int64_t token) { return !possible(token); });
  }
  double total = 0;
  for (const int64_t token : kept_) total += weight(token, rule.temperature);
  double cumulated = 0;
  int64_t drawn = -1;
  for (const int64_t token : kept_) {
    const double own = weight(token, rule.temperature);
    if (own == 0) continue;
    drawn = token;  // the last one where rounding takes uniform * total to the total
    cumulated += own;
    if (uniform * total < cumulated) break;
  }
  return drawn;
}

}  // namespace braid
