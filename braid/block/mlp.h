// Two linear maps with GELU between: width in -> hidden -> out.
//
// On the CPU in float32 one autograd function does all of it and keeps two tensors for the backward
// pass, the input and the hidden values before GELU. A norm in front is part of it: its rows are
// made again.
#pragma once

#include "braid/block/linear.h"

namespace braid {

class Mlp : public Module {
 public:
  Mlp(int64_t in, int64_t hidden, int64_t out);
  at::Tensor forward(const at::Tensor& x) const;  // [..., in] -> [..., out]
  // Of norm(x), to the bit, in less memory.
  at::Tensor forward(const at::Tensor& x, const LayerNorm& norm) const;

 private:
  at::Tensor apply(const at::Tensor& x, const at::Tensor& norm_w, const at::Tensor& norm_b) const;

  std::shared_ptr<Linear> first_, second_;
};

}  // namespace braid
