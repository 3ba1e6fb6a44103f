// The recipe keys of the text transformer. Torch-free.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "braid/core/config.h"
#include "braid/encoder/trunk_config.h"

namespace braid {

enum class TextPooling { kMean, kLast };

inline std::span<const char* const> enum_names(TextPooling*) {
  static constexpr std::array<const char*, 2> kNames = {"mean", "last"};
  return kNames;
}

struct TextTransformerConfig {
  int64_t width = 128;
  int64_t depth = 2;
  int64_t heads = 4;
  int64_t mlp_ratio = 4;
  double dropout = 0.1;
  double attention_dropout = 0;
  double drop_path = 0;
  Trunk trunk = Trunk::kOwn;
  bool positions = true;
  TextPooling pooling = TextPooling::kMean;
};

template <class Field>
void visit(Field&& field, TextTransformerConfig& c) {
  field("width", c.width, closed<int64_t>(1, 16384), "width of tokens");
  field("depth", c.depth, closed<int64_t>(0, 128), "transformer blocks");
  field("heads", c.heads, closed<int64_t>(1, 256), "attention heads; divides width");
  field("mlp_ratio", c.mlp_ratio, closed<int64_t>(1, 16), "hidden width of an MLP, in widths");
  field("dropout", c.dropout, half_open(0.0, 1.0),
        "of tokens, of each branch and of the pooled vector");
  field("attention_dropout", c.attention_dropout, half_open(0.0, 1.0),
        "of attention weights; above 0 training takes a slower path");
  field("drop_path", c.drop_path, half_open(0.0, 1.0),
        "of whole branches at the last block; 0 at the first");
  field("trunk", c.trunk, kTrunkHelp);
  field("positions", c.positions,
        "learned vectors of position; false: a bag of tokens that attend");
  field("pooling", c.pooling, "mean of the tokens, or the last one");
}

}  // namespace braid
