// Symmetric InfoNCE through kernel/contrastive, as an autograd function.
#pragma once

#include "braid/alignment/alignment.h"

namespace braid {

// Whether the kernel takes such pairs: CPU, float32, and not BRAID_KERNEL=ref.
bool has_pair_contrast(const at::Tensor& a, const at::Tensor& b);

// Loss and accuracy of rows a, b [B, D] with scores scale a_i . b_j; scale 0-d. identity [B, C]
// int64 or undefined, as in Pairs. Differentiable once, by a, b and scale.
AlignmentLoss pair_contrast(const at::Tensor& a, const at::Tensor& b, const at::Tensor& scale,
                            const at::Tensor& identity);

}  // namespace braid
