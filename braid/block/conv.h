// A square convolution over pictures, without bias (a norm follows). Weights start normal with
// variance 2 / fan-out (He et al. 2015).
#pragma once

#include "braid/block/module.h"

namespace braid {

class Conv2d : public Module {
 public:
  // `side` is odd; pads by side / 2, so that stride 1 keeps the picture's size.
  Conv2d(int64_t in, int64_t out, int64_t side, int64_t stride);

  // [B, in, H, W] -> [B, out, ceil(H/stride), ceil(W/stride)], channels last in memory where they
  // are in x
  at::Tensor forward(const at::Tensor& x) const;
  double flops(int64_t out_height, int64_t out_width) const;

 private:
  int64_t stride_;
  at::Tensor weight_;  // [out, in, side, side]
};

}  // namespace braid
