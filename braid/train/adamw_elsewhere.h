// kernel/adamw in tensor operations, for parameters that do not lie on the CPU.
#pragma once

#include <torch/types.h>

#include "braid/kernel/adamw.h"

namespace braid {

// Parameter and both moments are changed in place; all of one shape, on one device.
void adamw_elsewhere(const AdamwStep& step, at::Tensor parameter, const at::Tensor& gradient,
                     at::Tensor first, at::Tensor second);

}  // namespace braid
