// The recipe keys of a field that is read through the training samples near to it. Torch-free.
#pragma once

#include <cstdint>
#include <string>

#include "braid/core/config.h"

namespace braid {

struct SupportSetConfig {
  std::string of;
  double temperature = 0.03;
  int64_t max = 65536;
};

template <class Field>
void visit(Field&& field, SupportSetConfig& c) {
  field("of", c.of, "field whose vectors stand for those of this one");
  field("temperature", c.temperature, above(0.0),
        "of the softmax over cosines: the smaller, the fewer samples count");
  field("max", c.max, closed<int64_t>(1, 1 << 24),
        "most training samples that are kept; of more, as many at even distances");
}

}  // namespace braid
