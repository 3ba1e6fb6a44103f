// What members share: the parts of a batch checked and stacked, and parameters one a field.
#pragma once

#include "braid/block/linear.h"
#include "braid/fusion/fusion.h"

namespace braid {

struct PooledParts {
  at::Tensor values;   // [B, M, D]; zeros where absent, whatever the part holds there
  at::Tensor present;  // [B, M] bool
};

struct TokenPart {
  at::Tensor tokens;  // [B, T, D]; zeros where the mask is false
  at::Tensor mask;    // [B, T] bool: real tokens of samples that carry the field
};

struct TokenParts {
  std::vector<TokenPart> fields;  // [M]
  at::Tensor present;             // [B, M] bool
};

// Throw Error(kShape) with the field's name.
PooledParts stack_pooled(const std::vector<Embedding>& parts, const FusionInput& input);
// A field without tokens gives its pooled vector as its one token.
TokenParts stack_tokens(const std::vector<Embedding>& parts, const FusionInput& input);

// x [B, ...], zeros for the samples of present [B, M] that carry nothing.
at::Tensor zeros_for_nothing(const at::Tensor& x, const at::Tensor& present);

// Mean over the present: values [B, M, ...], which may hold anything finite where absent, and
// present [B, M] -> [B, ...]; zeros for none.
at::Tensor mean_of_present(const at::Tensor& values, const at::Tensor& present);

// Throws Error(kConfig), at the node's kind, for fewer than two fields.
void expect_two_fields(const ConfigNode& node, const FusionInput& input);
// Throws Error(kConfig), at the node's heads, unless they divide the width.
void expect_heads(const ConfigNode& node, int64_t heads, int64_t width);

// One linear map a field, under the field's name.
class FieldLinears : public Module {
 public:
  FieldLinears(const FusionInput& input, int64_t in, int64_t out, bool bias = true);
  at::Tensor forward(const at::Tensor& x) const;  // [B, M, in] -> [B, M, out]

 private:
  std::vector<std::shared_ptr<Linear>> maps_;
};

// One learned tensor of a shape a field, under the field's name; normal around 0 at first.
class FieldTensors : public Module {
 public:
  FieldTensors(const FusionInput& input, at::IntArrayRef shape);
  const at::Tensor& of(size_t field) const { return tensors_[field]; }
  at::Tensor stacked() const;  // [M, ...]

 private:
  std::vector<at::Tensor> tensors_;
};

}  // namespace braid
