// The recipe keys of the convolutional network over spectrograms: those of cnn but for the norm.
// Torch-free.
#pragma once

#include <string_view>
#include <utility>

#include "braid/encoder/cnn.h"

namespace braid {

// A norm over groups of channels would let the padding of a batch into a sound's vector.
struct AudioCnnConfig : CnnConfig {};

template <class Field>
void visit(Field&& field, AudioCnnConfig& c) {
  const auto all_but_norm = [&](const char* name, auto&&... rest) {
    const std::string_view key = name;
    if (key != "norm" && key != "group_width") field(name, std::forward<decltype(rest)>(rest)...);
  };
  visit(all_but_norm, static_cast<CnnConfig&>(c));
}

}  // namespace braid
