// A table of vectors, one an id: rows start normal with the given standard deviation.
#pragma once

#include "braid/block/module.h"

namespace braid {

class EmbeddingTable : public Module {
 public:
  EmbeddingTable(int64_t count, int64_t width, double deviation = 0.02);

  // ids [..., ] int64 -> [..., width]. Throws Error(kInput) for an id out of range.
  at::Tensor forward(const at::Tensor& ids) const;

  // The mean of the vectors of each text's real tokens, their values dropped with probability
  // `drop` in training: ids, mask [B, T] -> [B, width]; zeros for a text without a token.
  at::Tensor mean(const at::Tensor& ids, const at::Tensor& mask, double drop) const;

  const at::Tensor& weight() const { return weight_; }

 private:
  void check(const at::Tensor& ids) const;

  at::Tensor weight_;  // [count, width]
};

}  // namespace braid
