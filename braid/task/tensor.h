// Arrays and tensors share bytes: no copy on the way in or out.
#pragma once

#include <torch/types.h>

#include "braid/core/array.h"

namespace braid {

// The tensor keeps the array's bytes alive. Undefined for an empty array. Never write into it.
at::Tensor to_tensor(const Array& array);

// The array keeps the tensor alive; made contiguous on the CPU first.
Array to_array(const at::Tensor& tensor);

}  // namespace braid
