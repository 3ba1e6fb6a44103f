// Recipe keys of product. Torch-free.
#pragma once

#include "braid/core/config.h"

namespace braid {

struct ProductConfig {
  bool unit = false;
};

template <class Field>
void visit(Field&& field, ProductConfig& c) {
  field("unit", c.unit, "vectors are brought to length 1 first");
}

}  // namespace braid
