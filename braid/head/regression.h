// The recipe keys of `kind: regression`. Torch-free.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/head/head_config.h"

namespace braid {

enum class RegressionLoss { kMse, kMae, kHuber };
inline std::span<const char* const> enum_names(RegressionLoss*) {
  static constexpr const char* kNames[] = {"mse", "mae", "huber"};
  return kNames;
}

enum class TargetScale { kStandard, kNone };
inline std::span<const char* const> enum_names(TargetScale*) {
  static constexpr const char* kNames[] = {"standard", "none"};
  return kNames;
}

struct RegressionConfig {
  std::vector<std::string> target;
  RegressionLoss loss = RegressionLoss::kMse;
  double delta = 1;
  TargetScale scale = TargetScale::kStandard;
  HeadConfig head;
};

template <class Field>
void visit(Field&& field, RegressionConfig& c) {
  field("target", c.target, "column or columns of numbers");
  field("loss", c.loss, "squared, absolute, or huber: squared up to delta, absolute beyond");
  field("delta", c.delta, above(0.0), "of huber, in scaled units");
  field("scale", c.scale,
        "standard: the loss is of (target - mean) / deviation of the training rows; none: as is");
  visit_head(field, c.head);
}

}  // namespace braid
