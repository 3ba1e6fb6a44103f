// Linear: y = x W^T + b. W and b start uniform in +-1/sqrt(in) (LeCun et al. 1998, as PyTorch
// does).
#pragma once

#include "braid/block/module.h"
#include "braid/block/norm.h"

namespace braid {

class Linear : public Module {
 public:
  Linear(int64_t in, int64_t out, bool bias = true);

  at::Tensor forward(const at::Tensor& x) const;  // [..., in] -> [..., out]
  // Of norm(x), to the bit, in less memory.
  at::Tensor forward(const at::Tensor& x, const LayerNorm& norm) const;

  int64_t in() const { return weight_.size(1); }
  int64_t out() const { return weight_.size(0); }
  const at::Tensor& weight() const { return weight_; }  // [out, in]
  const at::Tensor& bias() const { return bias_; }      // [out], or undefined

 private:
  at::Tensor weight_;  // [out, in]
  at::Tensor bias_;    // [out]
};

}  // namespace braid
