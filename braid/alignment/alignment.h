// An alignment loss pulls true pairs together in the shared space and pushes other pairs apart.
#pragma once

#include <memory>
#include <string>

#include <torch/types.h>

#include "braid/block/module.h"
#include "braid/core/config.h"

namespace braid {

struct AlignmentLoss {
  at::Tensor loss;      // 0-d, nats, mean over rows; differentiable
  at::Tensor accuracy;  // 0-d, share of rows whose true partner scores best in the batch
};

class Alignment : public Module {
 public:
  // a, b: [B, D] float, row i of both comes from one sample. `same` [B, B] bool, symmetric: true
  // where two rows carry an equal value and so are no negatives; its diagonal is ignored; undefined
  // = none. Throws Error(kInput) for B < 2: without a negative the loss is 0 for any model.
  virtual AlignmentLoss forward(const at::Tensor& a, const at::Tensor& b,
                                const at::Tensor& same) = 0;

  virtual double temperature() const = 0;  // as it now stands
  virtual void
  bound() = 0;  // after an optimizer step: brings learned values back inside their limits
};

// Builds a loss by the `kind` of its node. Throws Error(kConfig).
std::shared_ptr<Alignment> make_alignment(const ConfigNode& node);

}  // namespace braid
