// Tensors as the kernels of braid/kernel read them. For .cpp files of this folder.
#pragma once

#include <torch/types.h>

#include "braid/kernel/choice.h"
#include "braid/kernel/linear.h"

namespace braid {

inline bool has_kernel(const at::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat &&
         kernel_choice() != KernelChoice::kTorch;
}

// Custom functions of libtorch 1.13 take no undefined tensor where a gradient is asked for: an empty
// one goes in its place, and so the numbers of inputs stay what they are.
inline at::Tensor or_empty(const at::Tensor& x, const at::Tensor& like) {
  return x.defined() ? x : at::empty({0}, like.options());
}
inline at::Tensor or_undefined(const at::Tensor& x) { return x.numel() > 0 ? x : at::Tensor(); }

// x [N, D], contiguous
inline RowsIn rows_of(const at::Tensor& x) { return {x.data_ptr<float>(), x.size(1)}; }
inline RowsOut rows_to(at::Tensor& x) { return {x.data_ptr<float>(), x.size(1)}; }

// [..., D] -> [N, D], contiguous
inline at::Tensor as_rows(const at::Tensor& x) {
  const int64_t rows = x.numel() / std::max<int64_t>(1, x.size(-1));
  return x.reshape({rows, x.size(-1)}).contiguous();
}

}  // namespace braid
