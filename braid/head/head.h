// A head answers a task: fused vectors in, outputs and their loss out.
//
// B batch, W width of the fused vector, C outputs, K columns of targets. In eval mode forward is
// pure and safe from many threads; training is one thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "braid/block/module.h"
#include "braid/core/config.h"
#include "braid/head/target_facts.h"

namespace braid {

struct HeadInput {
  int64_t width = 0;  // W
  std::string task;   // its name, for messages
  TargetFacts facts;
};

struct HeadLoss {
  at::Tensor loss;      // 0-d, mean over rows; differentiable
  double accuracy = 0;  // share of right answers; NaN where none is right or wrong
};

class Head : public Module {
 public:
  virtual at::Tensor forward(const at::Tensor& vectors) const = 0;  // [B, W] -> [B, C]

  // outputs as forward gives them; targets [B, K] double: the class's number (single labels), 0 or
  // 1 a class (multi), or numbers in the target's own unit, NaN where a row has none of that
  // column. Every row has some. Throws Error(kShape).
  virtual HeadLoss loss(const at::Tensor& outputs, const at::Tensor& targets) const = 0;

  // What users get: probabilities [B, C], or numbers in the target's own unit; double.
  virtual at::Tensor answers(const at::Tensor& outputs) const = 0;

  virtual double flops() const = 0;  // of one vector
};

// Builds a head by the `kind` of its node. Throws Error(kConfig), with file:line:column.
std::shared_ptr<Head> make_head(const ConfigNode& node, const HeadInput& input);

// Throws Error(kShape) unless both have as many rows, and targets `columns`.
void expect_targets(const char* who, const at::Tensor& outputs, const at::Tensor& targets,
                    int64_t columns);

}  // namespace braid
