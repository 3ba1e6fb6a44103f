// What interactions share: the tokens that are there, residual branches, and how a part comes out.
// For .cpp files of this folder.
#pragma once

#include "braid/block/transformer.h"
#include "braid/interaction/interaction.h"
#include "braid/interaction/layer_config.h"

namespace braid {

// Parts under one name: "0.image", "0.text".
struct PartGroup : Module {
  using Module::register_module;
};

TransformerShape layer_shape(const LayerConfig& config, int64_t width);

// Throws Error(kConfig) at the node's heads unless they divide the width, and at its kind where
// fewer fields than `least` are there to interact.
void check_layers(const ConfigNode& node, const LayerConfig& config, const InteractionInput& input,
                  size_t least);

// The tokens of each part, rows [N, D], of the samples that carry it; others have none. Steps stay.
// Throws Error(kShape), with the field's name, unless there is one a field, of one batch and of
// `width`.
std::vector<Tokens> present_tokens(const std::vector<Embedding>& parts,
                                   const std::vector<std::string>& fields, int64_t width);

// The part with new tokens; `before` [N, D] is what they were, row by row.
Embedding with_tokens(const Embedding& part, const Tokens& tokens, const at::Tensor& before);

// x + drop_path(dropout(branch)). [N, D]
struct Residual {
  double dropout = 0, drop_path = 0;
  at::Tensor add(const at::Tensor& x, const at::Tensor& branch, const Segments& segments,
                 bool training) const;
};

}  // namespace braid
