// Recipe keys of film. Torch-free.
#pragma once

#include "braid/core/config.h"

namespace braid {

struct FilmConfig {
  std::string condition;
};

template <class Field>
void visit(Field&& field, FilmConfig& c) {
  field("condition", c.condition, "field that scales and shifts the others (default: the first)");
}

}  // namespace braid
