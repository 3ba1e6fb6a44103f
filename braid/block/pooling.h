// From tokens to one vector. `mask` [B, T] bool, true = real, or undefined: all are.
// A sample without a real token gives zeros.
#pragma once

#include "braid/block/module.h"

namespace braid {

at::Tensor masked_mean(const at::Tensor& tokens, const at::Tensor& mask);  // [B, T, D] -> [B, D]

// Softmax over the last axis of the entries where `mask` (broadcastable bool) is true; rows without
// one give zeros.
at::Tensor masked_softmax(const at::Tensor& scores, const at::Tensor& mask);

// sum_t a_t x_t, a = softmax of <q, x_t> / sqrt(D), with one learned query q.
class AttentionPool : public Module {
 public:
  explicit AttentionPool(int64_t width);
  at::Tensor forward(const at::Tensor& tokens,
                     const at::Tensor& mask) const;  // [B, T, D] -> [B, D]

 private:
  at::Tensor query_;  // [D]
};

}  // namespace braid
