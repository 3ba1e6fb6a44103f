// The transformer of an encoder: its own, or one that several fields share. What stands before it,
// the stem, is the encoder's: it turns one modality into tokens of the trunk's width and, where the
// trunk is shared, adds a vector of its own, so that the trunk knows whose tokens it reads.
#pragma once

#include "braid/block/transformer.h"
#include "braid/encoder/encoder.h"
#include "braid/encoder/trunk_config.h"

namespace braid {

// Of TrunkConfig, or any config with its keys.
template <class Config>
TransformerShape trunk_shape(const Config& c) {
  return {c.width, c.depth, c.heads, c.mlp_ratio, c.dropout, c.attention_dropout, c.drop_path};
}

// The recipe's trunk where the node says `trunk: shared`, else nullptr: the encoder makes its own.
// Throws Error(kConfig) at the node's trunk where the recipe has none, or one of another width.
std::shared_ptr<Transformer> shared_trunk(const ConfigNode& node, const EncoderInput& input,
                                          int64_t width);

}  // namespace braid
