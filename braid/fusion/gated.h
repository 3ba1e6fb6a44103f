// Recipe keys of gated. Torch-free.
#pragma once

#include <span>

#include "braid/core/config.h"

namespace braid {

enum class Gate { kSoftmax, kSigmoid };
inline std::span<const char* const> enum_names(Gate*) {
  static constexpr const char* kNames[] = {"softmax", "sigmoid"};
  return kNames;
}

struct GatedConfig {
  Gate gate = Gate::kSoftmax;
};

template <class Field>
void visit(Field&& field, GatedConfig& c) {
  field("gate", c.gate,
        "gates of a value share 1 over the present; or each opens by itself");
}

}  // namespace braid
