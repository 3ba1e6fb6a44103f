// Classification.
//   single: L = sum_i w(y_i) f_i / sum_i w(y_i),  f = -(1 - p_y)^gamma [ (1 - e) log p_y
//           + e / C sum_c log p_c ],  p = softmax of the outputs
//   multi:  L = mean over rows and classes of -w_c^t (1 - q)^gamma [ s log p + (1 - s) log(1 - p)
//   ],
//           t 0 or 1, s = t (1 - e) + e / 2, p = sigmoid of the output, q = p where t = 1, else 1 -
//           p
// balanced: w_c = N / (C n_c) of single labels, (N - n_c) / n_c of multi ones.
// Source: focal loss Lin et al. 2017, eq. 4 and 5; label smoothing Szegedy et al. 2016, sec. 7.
// Unit: nats. At chance: log C; log 2.
#include "braid/head/classification.h"

#include <algorithm>

#include "braid/core/text.h"
#include "braid/head/answer_layers.h"
#include "braid/head/head.h"

namespace braid {
namespace {

double balanced_weight(const TargetFacts& facts, size_t c, bool multi) {
  const auto all = static_cast<double>(facts.rows), own = static_cast<double>(facts.counts[c]);
  if (multi) return own < all ? (all - own) / own : 1;
  return all / (static_cast<double>(facts.classes.size()) * own);
}

std::vector<float> weights_of(const ClassificationConfig& config, const HeadInput& input) {
  const auto& classes = input.facts.classes;
  std::vector<float> weights(classes.size(), 1);
  if (is_balanced(config.class_weights)) {
    for (size_t c = 0; c < classes.size(); ++c) {
      weights[c] =
          static_cast<float>(balanced_weight(input.facts, c, config.labels == LabelMode::kMulti));
    }
  }
  for (const auto& [name, weight] : parse_class_weights(config.class_weights)) {
    const auto at = std::find(classes.begin(), classes.end(), name);
    if (at == classes.end()) {
      config.class_weights.fail("class_weights: no training row has class '" + name + "'" +
                                did_you_mean(name, classes) + "; classes: " + join(classes, ", "));
    }
    weights[static_cast<size_t>(at - classes.begin())] = static_cast<float>(weight);
  }
  return weights;
}

class ClassificationHead final : public Head {
 public:
  ClassificationHead(const ClassificationConfig& config, const HeadInput& input)
      : config_(config), classes_(static_cast<int64_t>(input.facts.classes.size())) {
    layers_ = register_module("layers",
                              std::make_shared<AnswerLayers>(config.head, input.width, classes_));
    // Not of the state: they follow from recipe and facts.
    weights_ = at::tensor(weights_of(config, input));  // [C]
  }

  at::Tensor forward(const at::Tensor& vectors) const override { return layers_->forward(vectors); }

  HeadLoss loss(const at::Tensor& outputs, const at::Tensor& targets) const override {
    const auto z = outputs.to(at::kFloat);
    return multi() ? multi_loss(z, targets) : single_loss(z, targets);
  }

  at::Tensor answers(const at::Tensor& outputs) const override {
    const auto z = outputs.to(at::kFloat);
    return (multi() ? z.sigmoid() : z.softmax(1)).to(at::kDouble);
  }

  double flops() const override { return layers_->flops(); }

 private:
  bool multi() const { return config_.labels == LabelMode::kMulti; }

  HeadLoss single_loss(const at::Tensor& z, const at::Tensor& targets) const {
    expect_targets("classification", z, targets, 1);
    const auto label = targets.squeeze(1).to(at::kLong);              // [B]
    const auto log_p = z.log_softmax(1);                              // [B, C]
    const auto own = log_p.gather(1, label.unsqueeze(1)).squeeze(1);  // [B]
    auto each = own;
    if (config_.label_smoothing > 0) {
      each = own * (1 - config_.label_smoothing) + log_p.mean(1) * config_.label_smoothing;
    }
    // 1 - p has slope 0 where p is 1; its power, with gamma below 1, would have none: the floor.
    if (config_.focal > 0) each = each * (1 - own.exp()).clamp_min(1e-7).pow(config_.focal);
    const auto w = weights_.to(z.device()).index_select(0, label);  // [B]
    const auto right = z.argmax(1).eq(label).to(at::kFloat).mean();
    return {-(each * w).sum() / w.sum(), right.item<double>()};
  }

  HeadLoss multi_loss(const at::Tensor& z, const at::Tensor& truth) const {
    expect_targets("classification", z, truth, classes_);
    const auto targets = truth.to(at::kFloat);
    const double e = config_.label_smoothing;
    const auto is = targets > 0.5;  // [B, C]
    const auto s = targets * (1 - e) + e / 2;
    const auto log_p = at::log_sigmoid(z), log_not = at::log_sigmoid(-z);
    auto each = s * log_p + (1 - s) * log_not;  // [B, C]
    if (config_.focal > 0) {
      const auto q = at::where(is, log_p, log_not).exp();
      each = each * (1 - q).clamp_min(1e-7).pow(config_.focal);
    }
    const auto w = weights_.to(z.device()).expand_as(z);
    each = each * at::where(is, w, at::ones_like(w));
    const auto right = is.eq(z > 0).to(at::kFloat).mean();
    return {-each.mean(), right.item<double>()};
  }

  ClassificationConfig config_;
  int64_t classes_;
  std::shared_ptr<AnswerLayers> layers_;
  at::Tensor weights_;
};

}  // namespace

std::shared_ptr<Head> make_classification(const ConfigNode& node, const HeadInput& input) {
  return std::make_shared<ClassificationHead>(read_member<ClassificationConfig>(node), input);
}

}  // namespace braid
