// What an encoder makes of a batch of values of one modality.
#pragma once

#include "braid/block/segments.h"

namespace braid {

// The tokens of a batch, kept as the encoder made them; the other form is made when asked for.
struct Tokens {
  at::Tensor values;  // [N, D] rows of sample after sample, or [B, T, D]; undefined: none are kept
  Segments segments;

  bool defined() const { return values.defined(); }
  at::Tensor rows() const { return values.dim() == 2 ? values : segments.pack(values); }  // [N, D]
  // [B, T, D], zeros where the mask is false.
  at::Tensor padded() const { return values.dim() == 2 ? segments.pad(values) : values; }
  at::Tensor mask() const { return segments.mask(); }  // [B, T]; undefined when all are real
};

struct Embedding {
  Tokens tokens;
  at::Tensor pooled;   // [B, D]
  at::Tensor present;  // [B] bool: samples that carry this modality
};

}  // namespace braid
