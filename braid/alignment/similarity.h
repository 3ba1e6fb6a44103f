// What every contrastive loss shares in a recipe: similarity and temperature. Torch-free.
#pragma once

#include <cstdint>
#include <span>

#include "braid/core/config.h"

namespace braid {

enum class Similarity { kCosine, kDot };
inline std::span<const char* const> enum_names(Similarity*) {
  static constexpr const char* kNames[] = {"cosine", "dot"};
  return kNames;
}

struct TemperatureConfig {
  double initial = 0.07;  // t: similarities are divided by it
  bool learned = true;
  double lowest = 0.01;  // a learned temperature stays above this
};

template <class Field>
void visit(Field&& field, TemperatureConfig& c) {
  field("initial", c.initial, above(0.0), "similarities are divided by this");
  field("learned", c.learned, "learn it with the weights");
  field("lowest", c.lowest, above(0.0), "bound of a learned temperature");
}

}  // namespace braid
