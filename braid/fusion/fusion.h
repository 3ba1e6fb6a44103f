// Fusion joins the embeddings of one sample's modalities into one vector.
//
// B batch, M modalities, D width of the shared space, W width of the fused vector. In eval mode
// forward is pure and safe from many threads; training is one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/block/module.h"
#include "braid/core/config.h"
#include "braid/space/embedding.h"

namespace braid {

// Who is fused: M fields in the order of the recipe, all of width D in the shared space.
struct FusionInput {
  int64_t width = 0;                // D
  std::vector<std::string> fields;  // [M] names, for state and messages
};

struct Fused {
  at::Tensor vector;   // [B, W]; zeros for a sample that carries nothing
  at::Tensor weights;  // [B, M], zeros where absent; undefined where the method has none
};

class Fusion : public Module {
 public:
  // parts: one a field, in the order of FusionInput::fields. pooled [B, D] and present [B] bool are
  // always there. A member that reads_tokens() takes a field without tokens as one token, its
  // pooled vector. What an absent part holds changes nothing, be it NaN. Throws Error(kShape) where
  // the number of parts, widths or batch sizes differ.
  virtual Fused forward(const std::vector<Embedding>& parts) = 0;

  virtual int64_t width() const = 0;  // W
  virtual bool reads_tokens() const { return false; }
  // Floating-point operations for one sample that carries everything, with so many tokens of each
  // field [M]; one each where none are given.
  virtual double flops(const std::vector<int64_t>& tokens = {}) const = 0;
};

// Builds a fusion by the `kind` of its node. Throws Error(kConfig), with file:line:column, for an
// unknown kind or key, a value out of range, or a number of fields that the method cannot join.
std::shared_ptr<Fusion> make_fusion(const ConfigNode& node, const FusionInput& input);

}  // namespace braid
