// Recipe keys of mean. Torch-free.
#pragma once

#include "braid/core/config.h"

namespace braid {

struct MeanConfig {
  bool unit = false;
};

template <class Field>
void visit(Field&& field, MeanConfig& c) {
  field("unit", c.unit, "vectors are brought to length 1 first");
}

}  // namespace braid
