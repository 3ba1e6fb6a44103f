// An alignment loss pulls true pairs together in the shared space and pushes other pairs apart.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "braid/block/module.h"
#include "braid/core/config.h"

namespace braid {

// What a loss compares: row i of everything comes from one sample.
struct Pairs {
  at::Tensor a, b;  // [B, D] float
  // [B, C] int64: rows that agree in any column (the sample, the value of a, the value of b) are
  // one thing twice and so no negatives of each other. Undefined: all rows differ.
  at::Tensor identity;
  // [B, D], no gradient: the same values through the momentum encoders. Undefined unless the loss
  // asks for them by momentum().
  at::Tensor a_key, b_key;
};

struct AlignmentLoss {
  at::Tensor loss;      // 0-d, nats, mean over rows; differentiable
  at::Tensor accuracy;  // 0-d, share of rows whose true partner scores best in the batch
};

class Alignment : public Module {
 public:
  // Throws Error(kShape), and Error(kInput) for B < 2: without a negative the loss is 0 for any
  // model.
  virtual AlignmentLoss forward(const Pairs& pairs) = 0;

  // Learned values as they now stand, for logs: {"temperature", 0.07}.
  virtual std::vector<std::pair<std::string, double>> readings() const { return {}; }
  // > 0: the loss compares with keys from encoders that follow the trained ones, key = m key + (1 -
  // m) trained after each step.
  virtual double momentum() const { return 0; }
  // What a step has compared, once it is done: queues take it in. forward() changes nothing.
  virtual void remember(const Pairs& /*pairs*/) {}
  // After an optimizer step: brings learned values back inside their limits.
  virtual void bound() {}
};

// Builds a loss by the `kind` of its node, for vectors of `width`. Throws Error(kConfig).
std::shared_ptr<Alignment> make_alignment(const ConfigNode& node, int64_t width);

}  // namespace braid
