// The recipe keys of the transformer over columns. Torch-free.
#pragma once

#include <cstdint>

#include "braid/core/config.h"

namespace braid {

struct FtTransformerConfig {
  int64_t width = 64;
  int64_t depth = 2;
  int64_t heads = 4;
  int64_t mlp_ratio = 2;
  double dropout = 0.1;
  double attention_dropout = 0;
  double drop_path = 0;
};

template <class Field>
void visit(Field&& field, FtTransformerConfig& c) {
  field("width", c.width, closed<int64_t>(1, 16384), "width of the columns' tokens");
  field("depth", c.depth, closed<int64_t>(0, 128), "transformer blocks");
  field("heads", c.heads, closed<int64_t>(1, 256), "attention heads; divides width");
  field("mlp_ratio", c.mlp_ratio, closed<int64_t>(1, 16), "hidden width of an MLP, in widths");
  field("dropout", c.dropout, half_open(0.0, 1.0),
        "of tokens, of each branch and of the pooled vector");
  field("attention_dropout", c.attention_dropout, half_open(0.0, 1.0),
        "of attention weights; above 0 training takes a slower path");
  field("drop_path", c.drop_path, half_open(0.0, 1.0),
        "of whole branches at the last block; 0 at the first");
}

}  // namespace braid
