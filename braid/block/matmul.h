// The kernels of braid/kernel as autograd functions. CPU float32 takes the kernel; every other
// device and type takes the plain torch operator.
#pragma once

#include <ATen/core/Tensor.h>

#include "braid/block/norm.h"

namespace braid {

// y = x w^T + b. x [..., in], w [out, in], b [out] or undefined -> [..., out].
at::Tensor apply_linear(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b);
// The same of norm(x), to the bit; keeps x, and not norm(x), for the backward pass.
at::Tensor apply_linear(const at::Tensor& x, const LayerNorm& norm, const at::Tensor& w,
                        const at::Tensor& b);

// a [N, M, K], b [N, K, P] -> [N, M, P]. Transposed views are read where they are.
at::Tensor batched_matmul(const at::Tensor& a, const at::Tensor& b);

}  // namespace braid
