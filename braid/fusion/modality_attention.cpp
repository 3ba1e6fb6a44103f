// Modality attention: each modality is weighed by how it scores against the others of its sample.
//   s_i = mean over present j != i of score(h_i, h_j);  a = softmax of s over the present;
//   out = sum_i a_i h_i.  A lone modality has a = 1, none gives zeros.
//   score: dot         <h_i, h_j>
//          scaled_dot  <W_q h_i, W_k h_j> / sqrt(d_k)    Vaswani et al. 2017, eq. 1
//          additive    v . tanh(W_q h_i + W_k h_j)       Bahdanau et al. 2015, A.1.2
// With two modalities dot has s_1 = s_2, and so is their mean.
#include "braid/fusion/modality_attention.h"

#include <torch/types.h>

#include <cmath>

#include "braid/block/initial.h"
#include "braid/block/matmul.h"
#include "braid/block/pooling.h"
#include "braid/fusion/parts.h"
#include "braid/block/unit_rows.h"

namespace braid {
namespace {

class ModalityAttention final : public Fusion {
 public:
  ModalityAttention(const ModalityAttentionConfig& config, const FusionInput& input)
      : config_(config), input_(input) {
    if (config.score == ModalityScore::kDot) return;
    const auto map = [&](const char* name) {
      return register_module(name, std::make_shared<Linear>(input.width, config.hidden, false));
    };
    query_ = map("query");
    key_ = map("key");
    if (config.score == ModalityScore::kAdditive) {
      const double bound = 1 / std::sqrt(static_cast<double>(config.hidden));
      score_ = register_parameter("score", uniform_weights({config.hidden}, bound));
    }
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    auto [h, present] = stack_pooled(parts, input_);  // [B, M, D], [B, M]
    if (config_.unit) h = unit_rows(h);
    const int64_t fields = h.size(1);
    const auto self = at::eye(fields, present.options());  // [M, M] bool
    const auto others = present.unsqueeze(1).logical_and(self.logical_not());     // [B, M, M]
    const auto sums = scores(h).masked_fill(others.logical_not(), 0).sum(2);      // [B, M]
    const auto alpha = masked_softmax(sums / others.sum(2).clamp_min(1), present);  // [B, M]
    return {(alpha.unsqueeze(2) * h).sum(1), alpha};
  }

  int64_t width() const override { return input_.width; }
  double flops(const std::vector<int64_t>&) const override {
    const double m = static_cast<double>(input_.fields.size()), d = input_.width,
                 k = config_.hidden;
    const double maps = query_ ? 2 * 2 * m * d * k : 0;
    const double pairs = 2 * m * m * (query_ ? k : d);
    return maps + pairs + 2 * m * d;
  }

 private:
  // [B, M, D] -> [B, M, M], row i against column j
  at::Tensor scores(const at::Tensor& h) const {
    if (!query_) return batched_matmul(h, h.transpose(1, 2));
    const auto q = query_->forward(h), k = key_->forward(h);  // [B, M, d_k]
    if (score_.defined()) return at::tanh(q.unsqueeze(2) + k.unsqueeze(1)).matmul(score_);
    return batched_matmul(q / std::sqrt(static_cast<double>(config_.hidden)), k.transpose(1, 2));
  }

  ModalityAttentionConfig config_;
  FusionInput input_;
  std::shared_ptr<Linear> query_, key_;  // D -> d_k; scaled_dot, additive
  at::Tensor score_;                     // v [d_k]; additive
};

}  // namespace

std::shared_ptr<Fusion> make_modality_attention(const ConfigNode& node, const FusionInput& input) {
  return std::make_shared<ModalityAttention>(read_member<ModalityAttentionConfig>(node), input);
}

}  // namespace braid
