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
  // After an optimizer step: brings learned values back inside their limits.
  virtual void bound() {}
};

// Builds a loss by the `kind` of its node. Throws Error(kConfig).
std::shared_ptr<Alignment> make_alignment(const ConfigNode& node);

}  // namespace braid
