// Rows of length 1, as cosine wants them.
#pragma once

#include <ATen/core/Tensor.h>

namespace braid {

// [..., D], same shape; a row of zeros stays zero. Differentiable once.
at::Tensor unit_rows(const at::Tensor& x);

}  // namespace braid
