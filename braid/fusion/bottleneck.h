// Recipe keys of bottleneck. Torch-free.
#pragma once

#include "braid/fusion/joint_config.h"

namespace braid {

struct BottleneckFusionConfig {
  int64_t tokens = 4;
  JointConfig joint;
};

template <class Field>
void visit(Field&& field, BottleneckFusionConfig& c) {
  field("tokens", c.tokens, closed<int64_t>(1, 1024), "that modalities exchange");
  visit_joint(field, c.joint);
}

}  // namespace braid
