// Which rows of a batch are spared as negatives, in a recipe. Torch-free.
#pragma once

#include "braid/core/config.h"

namespace braid {

struct FalseNegativeConfig {
  double above = 1;      // cosine with the positive; 1 = off
  double at_most = 0.1;  // share of a row's negatives
};

template <class Field>
void visit(Field&& field, FalseNegativeConfig& c) {
  field("above", c.above, closed(-1.0, 1.0),
        "cosine with the positive above which a candidate is no negative, 1 = off");
  field("at_most", c.at_most, closed(0.0, 1.0),
        "largest share of a row's negatives that leave so, rounded down; the most similar go");
}

struct NegativesConfig {
  bool mask_equal = true;  // equal values (the same caption twice) are no negatives of each other
  FalseNegativeConfig false_negatives;
};

// Keys of the loss itself, not of a map of their own.
template <class Field>
void visit_negatives(Field&& field, NegativesConfig& c) {
  field("mask_equal", c.mask_equal,
        "equal values (one caption twice) are no negatives of each other");
  field("false_negatives", c.false_negatives);
}

}  // namespace braid
