#include "braid/block/linear.h"

#include <torch/types.h>

#include <cmath>

#include "braid/block/initial.h"
#include "braid/block/matmul.h"

namespace braid {

Linear::Linear(int64_t in, int64_t out, bool bias) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight_ = register_parameter("weight", uniform_weights({out, in}, bound));
  if (bias) bias_ = register_parameter("bias", uniform_weights({out}, bound));
}

at::Tensor Linear::forward(const at::Tensor& x) const { return apply_linear(x, weight_, bias_); }

at::Tensor Linear::forward(const at::Tensor& x, const LayerNorm& norm) const {
  return apply_linear(x, norm, weight_, bias_);
}

}  // namespace braid
