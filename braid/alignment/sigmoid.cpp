// Sigmoid loss: every pair of the batch is asked by itself whether it is a true one.
//   L = -1/B sum_i sum_j log sigmoid( y_ij (s sim(a_i, b_j) + c) ),   y_ij = 1 if i = j, else -1
// with s = 1/t = exp(t') and the bias c learned.
// Source: Zhai et al. 2023 (SigLIP), algorithm 1; initial s = 10, c = -10.
// Ours: pairs of rows with equal values, and false negatives by likeness (contrast.h), leave the
// sum. Unit: nats a row. At chance (sim = 0, c = -log(B - 1)): log B + (B - 1) log(B / (B - 1)).
#include "braid/alignment/sigmoid.h"

#include "braid/alignment/alignment.h"
#include "braid/alignment/contrast.h"

namespace braid {
namespace {

class Sigmoid final : public Alignment {
 public:
  explicit Sigmoid(const SigmoidConfig& config)
      : config_(config),
        temperature_(
            register_module("temperature", std::make_shared<Temperature>(config.temperature))),
        bias_(at::full({}, config.bias, at::kFloat)) {
    if (config.learned_bias) register_parameter("bias", bias_);
  }

  AlignmentLoss forward(const Pairs& pairs) override {
    check_pairs("sigmoid", pairs);
    const auto logits =  // [B, B]
        similarities(pairs.a, pairs.b, config_.similarity) * temperature_->scale() + bias_;
    const auto left_out =  // a pair leaves where either of its rows does not want the other
        no_negatives(pairs.b, pairs.identity, config_.negatives)
            .logical_or(no_negatives(pairs.a, pairs.identity, config_.negatives).t());
    const auto sign = 2 * at::eye(logits.size(0), logits.options()) - 1;
    const auto each = at::log_sigmoid(sign * logits).masked_fill(left_out, 0);  // [B, B]
    const auto scores = masked(logits, left_out);
    return {-each.sum() / static_cast<double>(logits.size(0)),
            0.5 * (diagonal_wins(scores) + diagonal_wins(scores.t()))};
  }

  std::vector<std::pair<std::string, double>> readings() const override {
    return {{"temperature", temperature_->value()}, {"bias", bias_.item<double>()}};
  }
  void bound() override { temperature_->bound(); }

 private:
  SigmoidConfig config_;
  std::shared_ptr<Temperature> temperature_;
  at::Tensor bias_;  // 0-d
};

}  // namespace

std::shared_ptr<Alignment> make_sigmoid(const ConfigNode& node, int64_t /*width*/) {
  return std::make_shared<Sigmoid>(read_member<SigmoidConfig>(node));
}

}  // namespace braid
