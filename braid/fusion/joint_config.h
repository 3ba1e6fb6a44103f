// Recipe keys of the transformer that a fusion of tokens runs. Torch-free.
#pragma once

#include "braid/core/config.h"

namespace braid {

struct JointConfig {
  int64_t depth = 2;
  int64_t heads = 4;
  int64_t mlp_ratio = 4;
  double dropout = 0.1;
  double attention_dropout = 0;
  double drop_path = 0;
};

template <class Field>
void visit_joint(Field&& field, JointConfig& c) {
  field("depth", c.depth, closed<int64_t>(1, 128), "blocks");
  field("heads", c.heads, closed<int64_t>(1, 256), "attention heads; divides the space's width");
  field("mlp_ratio", c.mlp_ratio, closed<int64_t>(1, 16), "hidden width of an MLP, in widths");
  field("dropout", c.dropout, half_open(0.0, 1.0), "of joined tokens and of each branch");
  field("attention_dropout", c.attention_dropout, half_open(0.0, 1.0),
        "of attention weights; above 0 training takes a slower path");
  field("drop_path", c.drop_path, half_open(0.0, 1.0),
        "of whole branches at the last block; 0 at the first");
}

}  // namespace braid
