#include "braid/block/pooling.h"

#include <torch/types.h>

#include <cmath>
#include <limits>

#include "braid/block/initial.h"

namespace braid {
namespace {

// Finite, so that a row of nothing else still has a softmax; exp of it is 0 beside any real score.
constexpr double kMaskedScore = -1e30;

}  // namespace

at::Tensor masked_softmax(const at::Tensor& scores, const at::Tensor& mask) {
  if (!mask.defined()) return at::softmax(scores, -1);
  const auto weights = at::softmax(scores.masked_fill(mask.logical_not(), kMaskedScore), -1);
  // Only a row of nothing can still weigh a masked entry.
  if (mask.any(-1).all().item<bool>()) return weights;
  return weights.masked_fill(mask.logical_not(), 0);
}

at::Tensor masked_mean(const at::Tensor& tokens, const at::Tensor& mask) {
  if (!mask.defined()) return tokens.mean(1);
  const auto real = mask.unsqueeze(-1);  // [B, T, 1]
  return tokens.masked_fill(real.logical_not(), 0).sum(1) / real.sum(1).clamp_min(1);
}

AttentionPool::AttentionPool(int64_t width) {
  query_ = register_parameter("query", normal_weights({width}, 0.02));
}

at::Tensor AttentionPool::forward(const at::Tensor& tokens, const at::Tensor& mask) const {
  const double scale = 1 / std::sqrt(static_cast<double>(tokens.size(2)));
  const auto weights = masked_softmax(tokens.matmul(query_) * scale, mask);  // [B, T]
  return (weights.unsqueeze(-1) * tokens).sum(1);
}

}  // namespace braid
