// The recipe keys of the MLP over cells. Torch-free.
#pragma once

#include <cstdint>

#include "braid/core/config.h"

namespace braid {

struct TableMlpConfig {
  int64_t cell_width = 8;
  int64_t width = 128;
  int64_t hidden = 256;
  int64_t depth = 2;
  double dropout = 0.1;
};

template <class Field>
void visit(Field&& field, TableMlpConfig& c) {
  field("cell_width", c.cell_width, closed<int64_t>(1, 1024), "width of one cell's vector");
  field("width", c.width, closed<int64_t>(1, 16384), "width of the result");
  field("hidden", c.hidden, closed<int64_t>(1, 65536), "hidden width of each MLP");
  field("depth", c.depth, closed<int64_t>(0, 64), "residual MLPs behind the first linear map");
  field("dropout", c.dropout, half_open(0.0, 1.0), "of each MLP's result and of the pooled vector");
}

}  // namespace braid
