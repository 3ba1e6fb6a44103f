// What an encoder makes of a batch of values of one modality.
#pragma once

#include <ATen/core/Tensor.h>

namespace braid {

struct Embedding {
  at::Tensor tokens;   // [B, T, D] or undefined
  at::Tensor mask;     // [B, T] bool, true = real; undefined when all tokens are
  at::Tensor pooled;   // [B, D]
  at::Tensor present;  // [B] bool: samples that carry this modality
};

}  // namespace braid
