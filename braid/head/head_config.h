// Recipe keys that every task has. Torch-free.
#pragma once

#include <cstdint>

#include "braid/core/config.h"

namespace braid {

struct HeadConfig {
  double weight = 1;
  int64_t hidden = 0;
  double dropout = 0;
};

// Keys of the task itself, not of a map of their own.
template <class Field>
void visit_head(Field&& field, HeadConfig& c) {
  field("weight", c.weight, at_least(0.0), "factor in the total loss");
  field("hidden", c.hidden, closed<int64_t>(0, 65536),
        "width of a hidden layer between the fused vector and the answer, 0 = none");
  field("dropout", c.dropout, half_open(0.0, 1.0), "dropout of the fused vector");
}

}  // namespace braid
