// A table of vectors, one an id: rows start normal with the given standard deviation.
#pragma once

#include "braid/block/module.h"

namespace braid {

class EmbeddingTable : public Module {
 public:
  EmbeddingTable(int64_t count, int64_t width, double deviation = 0.02);

  // ids [..., ] int64 -> [..., width]. Throws Error(kInput) for an id out of range.
  at::Tensor forward(const at::Tensor& ids) const;

  const at::Tensor& weight() const { return weight_; }

 private:
  at::Tensor weight_;  // [count, width]
};

}  // namespace braid
