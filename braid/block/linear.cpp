#include "braid/block/linear.h"

#include <torch/types.h>

#include <cmath>

#include "braid/block/matmul.h"

namespace braid {

Linear::Linear(int64_t in, int64_t out, bool bias) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight_ = register_parameter("weight", at::empty({out, in}).uniform_(-bound, bound));
  if (bias) bias_ = register_parameter("bias", at::empty({out}).uniform_(-bound, bound));
}

at::Tensor Linear::forward(const at::Tensor& x) const { return apply_linear(x, weight_, bias_); }

}  // namespace braid
