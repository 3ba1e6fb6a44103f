// Self-critical sequence training: a decoder draws texts, and learns each by how much more it is
// worth than the others that it drew about the same sample.
//   loss = -1 / rows * sum over texts k, tokens t of (r_k - mean of the other r) log p(y_kt | ..)
// r: CIDEr-D against the sample's texts, document frequencies of the training rows. Rows: tokens of
// all texts. Sources: Rennie et al. 2017; the mean of the other draws in place of a greedy text: Luo
// 2020, A Better Variant of Self-Critical Sequence Training.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "braid/metric/caption/cider_reward.h"
#include "braid/task/model.h"
#include "braid/task/target_table.h"

namespace braid {

struct DrawnTexts {
  TextBatch texts;
  std::vector<double> reward, advantage;  // [texts]
  double mean_reward = 0;
};

class SelfCritical {
 public:
  static constexpr int64_t kUnknown = -1;  // a sample that is no row of the table: nothing is drawn

  // `targets` of the rows that are trained on, of a task of kind generation.
  SelfCritical(const TargetTable& targets, int64_t draws);

  // Texts about samples of `joined`, in every language in which the row has some. `places` [samples]
  // among the rows of the table or kUnknown, `rows` [samples] name them for the draws. Without
  // dropout in the decoder, without gradients.
  DrawnTexts draw(Model& model, size_t task, const Joined& joined,
                  const std::vector<int64_t>& places, const std::vector<int64_t>& rows,
                  uint64_t seed) const;

 private:
  std::vector<std::unique_ptr<CiderReward>> rewards_;  // a language each
  std::vector<std::vector<uint8_t>> has_;              // [language][row of the table]
  int64_t draws_;
};

// 0-d, differentiable. scores [N, V] of drawn.texts, following [N] as Decoder gives them.
at::Tensor self_critical_loss(const at::Tensor& scores, const std::vector<int64_t>& following,
                              const DrawnTexts& drawn, int64_t max_tokens);

}  // namespace braid
