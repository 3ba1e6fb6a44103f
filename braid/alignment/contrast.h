// Parts that the contrastive losses share.
#pragma once

#include <torch/types.h>

#include "braid/alignment/alignment.h"
#include "braid/alignment/negatives.h"
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

// [B, B] bool, diagonal false: rows i and j hold an equal value. `identity` may be undefined;
// `rows` [B, D] then says how many and on which device.
at::Tensor equal_rows(const at::Tensor& identity, const at::Tensor& rows);

// Which candidates are too like a row's positive to be its negatives: those with
//   cos(positive_i, candidate_j) > above,
// but of one row at most floor(at_most (S - 1)), the most similar. The cap keeps negatives where
// all vectors are alike, as before training. No gradient. positive [B, D], candidates [S, D]; known
// [B, S] bool: the positive itself and what is no negative for other reasons. -> [B, S] bool.
// Source: Huynh et al. 2022 (False negative cancellation), elimination, with threshold and top-k;
// ours: the positive is the only support.
at::Tensor too_similar(const at::Tensor& positive, const at::Tensor& candidates,
                       const at::Tensor& known, const FalseNegativeConfig& config);

// [B, B] bool, diagonal false: column j is no negative of row i, whose positive is row i of
// `partner` [B, D]. By equal values and by likeness.
at::Tensor no_negatives(const at::Tensor& partner, const at::Tensor& identity,
                        const NegativesConfig& config);

// Logits without the candidates that are no negatives: -inf.
at::Tensor masked(const at::Tensor& logits, const at::Tensor& no_negative);

// Scores [B, S], true partners on the diagonal: the share of rows that they win. 0-d.
at::Tensor diagonal_wins(const at::Tensor& scores);

// Cross entropy of row i against column target[i], with label smoothing over the columns that are
// left: a logit of -inf is no candidate. 0-d mean.
at::Tensor contrast_loss(const at::Tensor& logits, const at::Tensor& target, double smoothing);

// Throws Error(kInput) or Error(kShape): what every loss asks of its inputs.
void check_pairs(const char* who, const Pairs& pairs);

}  // namespace braid
