// Recipe keys of info_nce. Torch-free.
#pragma once

#include "braid/alignment/negatives.h"
#include "braid/alignment/similarity.h"

namespace braid {

struct InfoNceConfig {
  Similarity similarity = Similarity::kCosine;
  TemperatureConfig temperature;
  double label_smoothing = 0;
  NegativesConfig negatives;
};

template <class Field>
void visit(Field&& field, InfoNceConfig& c) {
  field("similarity", c.similarity, "cosine or dot product");
  field("temperature", c.temperature);
  field("label_smoothing", c.label_smoothing, half_open(0.0, 1.0),
        "share of the target spread over the batch");
  visit_negatives(field, c.negatives);
}

}  // namespace braid
