// Recipe keys of momentum_queue. Torch-free.
#pragma once

#include "braid/alignment/negatives.h"
#include "braid/alignment/similarity.h"

namespace braid {

struct MomentumQueueConfig {
  Similarity similarity = Similarity::kCosine;
  TemperatureConfig temperature;
  int64_t length = 4096;
  double momentum = 0.995;
  NegativesConfig negatives;
};

template <class Field>
void visit(Field&& field, MomentumQueueConfig& c) {
  field("similarity", c.similarity, "cosine or dot product");
  field("temperature", c.temperature);
  field("length", c.length, closed<int64_t>(1, 1 << 20),
        "past pairs kept as negatives; a batch adds one for each row, source and draw");
  field("momentum", c.momentum, half_open(0.0, 1.0),
        "of the key encoders: key = m key + (1 - m) trained, after each step");
  visit_negatives(field, c.negatives);
}

}  // namespace braid
