// Interaction lets the modalities of one sample look at each other, before they are fused.
//
// B batch, M modalities, T_i tokens of modality i, D width of the shared space. In eval mode forward is
// pure and safe from many threads; training is one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/block/module.h"
#include "braid/core/config.h"
#include "braid/space/embedding.h"

namespace braid {

struct InteractionInput {
  int64_t width = 0;                // D
  std::vector<std::string> fields;  // [M]
};

// How modality `from` looked at modality `to`: rows sum to 1, or to 0 where there was nothing.
struct Look {
  std::string name;    // "image->text", "bottleneck.0->image", ...
  at::Tensor weights;  // [B, T_from, T_to], mean over heads, last layer
};

class Interaction : public Module {
 public:
  // parts: one a field, each with tokens, pooled [B, D] and present [B]. Gives as many, of the same
  // width, tokens and pooled changed by what the others carry, present as it was: an absent modality
  // stays absent and changes nothing in the others. Layers stack in any order. `looks`, where it is
  // not null, receives the attention weights. Throws Error(kShape).
  virtual std::vector<Embedding> forward(const std::vector<Embedding>& parts,
                                         std::vector<Look>* looks = nullptr) = 0;

  virtual double flops() const = 0;  // of one sample, per token of each modality
};

// Builds a layer by the `kind` of its node. Throws Error(kConfig), with file:line:column.
std::shared_ptr<Interaction> make_interaction(const ConfigNode& node, const InteractionInput& input);

}  // namespace braid
