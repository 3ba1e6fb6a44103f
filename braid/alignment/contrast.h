// Parts that the contrastive losses share.
#pragma once

#include <torch/types.h>

#include "braid/alignment/alignment.h"
#include "braid/alignment/similarity.h"
#include "braid/block/module.h"

namespace braid {

// 1 / t, fixed or learned as log(1 / t). Clamped after a step, not where it is read: a clamp in the
// graph would kill the gradient that leads back inside.
class Temperature : public Module {
 public:
  explicit Temperature(const TemperatureConfig& config);
  at::Tensor scale() const;  // 0-d, 1 / t
  double value() const;      // t
  void bound();

 private:
  at::Tensor log_scale_;  // 0-d
  double max_log_scale_;
};

// [B, D] and [S, D] -> [B, S]: cosine or dot product.
at::Tensor similarities(const at::Tensor& a, const at::Tensor& b, Similarity kind);

// Rows of `a` [B, C] against rows of `b` [S, C] -> [B, S] bool: they agree in some column.
at::Tensor agree(const at::Tensor& a, const at::Tensor& b);

// [B, B] bool: row j is no negative of row i, nor is it i. `pairs.identity` may be undefined.
at::Tensor false_negatives(const Pairs& pairs, bool mask_equal);

// Scores [B, B], true partners on the diagonal: the share of rows and columns that they win. 0-d.
at::Tensor diagonal_wins(const at::Tensor& scores);

// Cross entropy of row i against column target[i], with label smoothing over the columns that are
// left: a logit of -inf is no candidate. 0-d mean.
at::Tensor contrast_loss(const at::Tensor& logits, const at::Tensor& target, double smoothing);

// Throws Error(kInput) or Error(kShape): what every loss asks of its inputs.
void check_pairs(const char* who, const Pairs& pairs);

}  // namespace braid
