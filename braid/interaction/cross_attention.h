// The recipe keys of cross_attention. Torch-free.
#pragma once

#include "braid/interaction/layer_config.h"

namespace braid {

struct CrossAttentionConfig {
  LayerConfig layers;
};

template <class Field>
void visit(Field&& field, CrossAttentionConfig& c) {
  visit_layers(field, c.layers);
}

}  // namespace braid
