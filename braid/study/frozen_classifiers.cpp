#include "braid/study/frozen_classifiers.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "braid/block/unit_rows.h"

namespace braid {
namespace {

constexpr size_t kHistory = 10;
constexpr int kSteps = 200;
constexpr double kFlat = 1e-6;  // largest slope at which the search ends
constexpr double kVoteTemperature = 0.07;

struct Slope {
  double value;
  at::Tensor gradient;  // [D + 1, C], the bias last
};

class Objective {
 public:
  Objective(const at::Tensor& x, const at::Tensor& y, int64_t classes, double l2) : l2_(l2) {
    x_ = at::cat({x, at::ones({x.size(0), 1}, x.options())}, 1);  // [N, D + 1]
    truth_ = at::zeros({x.size(0), classes}, x.options()).scatter_(1, y.unsqueeze(1), 1.0);
  }

  Slope at(const at::Tensor& w) const {
    const auto z = x_.matmul(w);  // [N, C]
    const auto held = w.narrow(0, 0, w.size(0) - 1);
    const double loss =
        -(z.log_softmax(1) * truth_).sum().item<double>() / static_cast<double>(x_.size(0));
    auto gradient = x_.t().matmul(z.softmax(1) - truth_) / static_cast<double>(x_.size(0));
    gradient.narrow(0, 0, w.size(0) - 1).add_(held, l2_);
    return {loss + l2_ / 2 * held.square().sum().item<double>(), gradient};
  }

  at::Tensor start() const { return at::zeros({x_.size(1), truth_.size(1)}, x_.options()); }

 private:
  at::Tensor x_, truth_;
  double l2_;
};

double sum_of_products(const at::Tensor& a, const at::Tensor& b) { return (a * b).sum().item<double>(); }

struct Move {
  at::Tensor step, change;  // of the point and of the slope
  double curvature;         // <step, change>
};

// The two-loop recursion: the slope times an estimate of the inverse Hessian.
at::Tensor direction(const at::Tensor& gradient, const std::deque<Move>& moves) {
  auto q = gradient.clone();
  std::vector<double> alpha(moves.size());
  for (size_t i = moves.size(); i-- > 0;) {
    alpha[i] = sum_of_products(moves[i].step, q) / moves[i].curvature;
    q -= alpha[i] * moves[i].change;
  }
  if (!moves.empty()) {
    const auto& last = moves.back();
    q *= last.curvature / sum_of_products(last.change, last.change);
  }
  for (size_t i = 0; i < moves.size(); ++i) {
    const double beta = sum_of_products(moves[i].change, q) / moves[i].curvature;
    q += (alpha[i] - beta) * moves[i].step;
  }
  return -q;
}

}  // namespace

at::Tensor LinearClassifier::probabilities(const at::Tensor& x) const {
  return (x.matmul(weight) + bias).softmax(1);
}

LinearClassifier fit_linear(const at::Tensor& x, const at::Tensor& y, int64_t classes, double l2) {
  const at::NoGradGuard no_grad;
  const Objective objective(x, y, classes, l2);
  auto w = objective.start();
  auto here = objective.at(w);
  std::deque<Move> moves;
  for (int i = 0; i < kSteps && here.gradient.abs().max().item<double>() > kFlat; ++i) {
    const auto way = direction(here.gradient, moves);
    const double fall = sum_of_products(way, here.gradient);  // < 0
    double length = 1;
    auto there = objective.at(w + length * way);
    while (there.value > here.value + 1e-4 * length * fall && length > 1e-10) {
      length /= 2;
      there = objective.at(w + length * way);
    }
    const auto step = length * way;
    const auto change = there.gradient - here.gradient;
    const double curvature = sum_of_products(step, change);
    if (there.value >= here.value) break;  // no further in doubles
    if (curvature > 1e-12) moves.push_back({step, change, curvature});
    if (moves.size() > kHistory) moves.pop_front();
    w = w + step;
    here = there;
  }
  return {w.narrow(0, 0, w.size(0) - 1).clone(), w[w.size(0) - 1].clone()};
}

at::Tensor nearest_votes(const at::Tensor& x, const at::Tensor& known, const at::Tensor& labels,
                         int64_t classes, int64_t k) {
  const auto cosine = unit_rows(x).matmul(unit_rows(known).t());  // [N, K]
  const auto [near, who] = cosine.topk(std::min(k, known.size(0)), 1);
  const auto weight = (near / kVoteTemperature).softmax(1);  // [N, k]
  const auto label = labels.index_select(0, who.flatten()).view_as(who);
  return at::zeros({x.size(0), classes}, x.options()).scatter_add_(1, label, weight);
}

}  // namespace braid
