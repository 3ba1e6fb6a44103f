// Recipe keys of sigmoid. Torch-free.
#pragma once

#include "braid/alignment/negatives.h"
#include "braid/alignment/similarity.h"

namespace braid {

struct SigmoidConfig {
  Similarity similarity = Similarity::kCosine;
  TemperatureConfig temperature{.initial = 0.1};  // exp(t') = 10, as in the paper
  double bias = -10;                              // as in the paper, for batches of 32768
  bool learned_bias = true;
  NegativesConfig negatives;
};

template <class Field>
void visit(Field&& field, SigmoidConfig& c) {
  field("similarity", c.similarity, "cosine or dot product");
  field("temperature", c.temperature);
  field("bias", c.bias, "initial bias; -log(batch - 1) makes the first guess right on average");
  field("learned_bias", c.learned_bias, "learn the bias with the weights");
  visit_negatives(field, c.negatives);
}

}  // namespace braid
