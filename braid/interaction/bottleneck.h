// The recipe keys of bottleneck. Torch-free.
#pragma once

#include "braid/interaction/layer_config.h"

namespace braid {

struct BottleneckInteractionConfig {
  int64_t tokens = 4;
  LayerConfig layers{.depth = 2};
};

template <class Field>
void visit(Field&& field, BottleneckInteractionConfig& c) {
  field("tokens", c.tokens, closed<int64_t>(1, 4096), "bottleneck tokens");
  // What a modality says in one layer the others hear in the next.
  visit_layers(field, c.layers, /*least_depth=*/2);
}

}  // namespace braid
