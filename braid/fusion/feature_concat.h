// Recipe keys of feature_concat. Torch-free.
#pragma once

#include <span>

#include "braid/fusion/joint_config.h"

namespace braid {

enum class JointPooling { kMean, kClass };
inline std::span<const char* const> enum_names(JointPooling*) {
  static constexpr const char* kNames[] = {"mean", "class"};
  return kNames;
}

struct FeatureConcatConfig {
  JointConfig joint;
  int64_t positions = 256;
  JointPooling pooling = JointPooling::kMean;
};

template <class Field>
void visit(Field&& field, FeatureConcatConfig& c) {
  visit_joint(field, c.joint);
  field("positions", c.positions, closed<int64_t>(0, 65536),
        "learned positions a field, added to what its encoder knows; tokens beyond share the last");
  field("pooling", c.pooling, "mean of all tokens, or a learned class token's output");
}

}  // namespace braid
