// Recipe keys of sum. Torch-free.
#pragma once

#include "braid/core/config.h"

namespace braid {

struct SumConfig {
  bool unit = false;
};

template <class Field>
void visit(Field&& field, SumConfig& c) {
  field("unit", c.unit, "vectors are brought to length 1 first");
}

}  // namespace braid
