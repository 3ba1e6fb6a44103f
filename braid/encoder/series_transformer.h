// The recipe keys of the series transformer. Torch-free.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "braid/core/config.h"

namespace braid {

struct SeriesTransformerConfig {
  int64_t width = 128;
  int64_t depth = 2;
  int64_t heads = 4;
  int64_t mlp_ratio = 4;
  int64_t stride = 4;
  int64_t kernel = 8;
  int64_t time_waves = 16;
  double shortest_s = 0.1;
  double longest_s = 1000;
  double dropout = 0.1;
  double attention_dropout = 0;
  double drop_path = 0;
};

template <class Field>
void visit(Field&& field, SeriesTransformerConfig& c) {
  field("width", c.width, closed<int64_t>(1, 16384), "width of tokens");
  field("depth", c.depth, closed<int64_t>(0, 128), "transformer blocks");
  field("heads", c.heads, closed<int64_t>(1, 256), "attention heads; divides width");
  field("mlp_ratio", c.mlp_ratio, closed<int64_t>(1, 16), "hidden width of an MLP, in widths");
  field("stride", c.stride, closed<int64_t>(1, 1024), "steps that make one token");
  field("kernel", c.kernel, closed<int64_t>(1, 1024), "steps that a token sees; at least stride");
  field("time_waves", c.time_waves, closed<int64_t>(1, 256),
        "waves that tell a token's time, their periods even in logarithm");
  field("shortest_s", c.shortest_s, above(0.0), "period of the fastest wave, seconds");
  field("longest_s", c.longest_s, above(0.0), "period of the slowest wave, seconds");
  field("dropout", c.dropout, half_open(0.0, 1.0),
        "of tokens, of each branch and of the pooled vector");
  field("attention_dropout", c.attention_dropout, half_open(0.0, 1.0),
        "of attention weights; above 0 training takes a slower path");
  field("drop_path", c.drop_path, half_open(0.0, 1.0),
        "of whole branches at the last block; 0 at the first");
}

}  // namespace braid
