// The recipe keys of co_attention. Torch-free.
#pragma once

#include "braid/interaction/layer_config.h"

namespace braid {

struct CoAttentionConfig {
  LayerConfig layers;
};

template <class Field>
void visit(Field&& field, CoAttentionConfig& c) {
  visit_layers(field, c.layers);
}

}  // namespace braid
