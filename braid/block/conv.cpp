#include "braid/block/conv.h"

#include <torch/types.h>

#include <cmath>

#include "braid/block/initial.h"

namespace braid {

Conv2d::Conv2d(int64_t in, int64_t out, int64_t side, int64_t stride) : stride_(stride) {
  const double deviation = std::sqrt(2.0 / static_cast<double>(out * side * side));
  weight_ = register_parameter("weight", normal_weights({out, in, side, side}, deviation));
}

at::Tensor Conv2d::forward(const at::Tensor& x) const {
  return at::conv2d(x, weight_, {}, stride_, weight_.size(2) / 2);
}

double Conv2d::flops(int64_t out_height, int64_t out_width) const {
  return 2.0 * static_cast<double>(weight_.numel() * out_height * out_width);
}

}  // namespace braid
