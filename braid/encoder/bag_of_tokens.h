// The recipe keys of the bag of tokens. Torch-free.
#pragma once

#include <cstdint>

#include "braid/core/config.h"

namespace braid {

struct BagOfTokensConfig {
  int64_t width = 256;
  int64_t hidden = 512;
  double dropout = 0.1;
};

template <class Field>
void visit(Field&& field, BagOfTokensConfig& c) {
  field("width", c.width, closed<int64_t>(1, 16384), "width of token vectors and of the result");
  field("hidden", c.hidden, closed<int64_t>(0, 65536),
        "hidden width of the MLP behind the mean; 0: no MLP");
  field("dropout", c.dropout, half_open(0.0, 1.0), "of tokens and of the pooled vector");
}

}  // namespace braid
