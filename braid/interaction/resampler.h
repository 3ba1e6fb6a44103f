// The recipe keys of resampler. Torch-free.
#pragma once

#include <array>
#include <span>

#include "braid/interaction/layer_config.h"

namespace braid {

enum class Reads { kOwn, kAll };

inline std::span<const char* const> enum_names(Reads*) {
  static constexpr std::array<const char*, 2> kNames = {"own", "all"};
  return kNames;
}

struct ResamplerConfig {
  int64_t tokens = 16;
  Reads reads = Reads::kAll;
  LayerConfig layers{.depth = 2};
};

template <class Field>
void visit(Field&& field, ResamplerConfig& c) {
  field("tokens", c.tokens, closed<int64_t>(1, 4096), "tokens that each modality then has");
  field("reads", c.reads,
        "what a modality's queries look at: its own tokens, or those of all modalities");
  visit_layers(field, c.layers);
}

}  // namespace braid
