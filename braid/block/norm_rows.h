// LayerNorm of rows and its gradients by the kernel, for autograd functions: that of LayerNorm
// itself, and those of products, which make norm(x) once more for the backward pass instead of
// keeping it. For .cpp files of this folder.
#pragma once

#include <ATen/core/Tensor.h>

namespace braid {

struct NormedRows {
  at::Tensor rows;         // [N, D]
  at::Tensor mean, scale;  // [N], for the backward pass
};

// x [N, D], w and b [D], contiguous, CPU float32. The same call gives the same bits. Where w is
// undefined there is no norm: x itself.
NormedRows norm_rows(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b);

struct NormGradients {
  at::Tensor dx, dw, db;
};

// Of norm_rows with a w, from what it left. dx may be dy.
NormGradients norm_gradients(const at::Tensor& x, const at::Tensor& w, const at::Tensor& mean,
                             const at::Tensor& scale, const at::Tensor& dy, at::Tensor dx);

}  // namespace braid
