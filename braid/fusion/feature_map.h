// Recipe keys of feature_map. Torch-free.
#pragma once

#include <span>

#include "braid/fusion/joint_config.h"

namespace braid {

enum class JointNetwork { kMixer, kTransformer };
inline std::span<const char* const> enum_names(JointNetwork*) {
  static constexpr const char* kNames[] = {"mixer", "transformer"};
  return kNames;
}

struct FeatureMapConfig {
  JointNetwork network = JointNetwork::kMixer;
  int64_t length = 16;
  JointConfig joint;
};

template <class Field>
void visit(Field&& field, FeatureMapConfig& c) {
  field("network", c.network,
        "that reads the joined map: MLPs over steps and values, or blocks of attention");
  field("length", c.length, closed<int64_t>(1, 4096), "steps that every sequence is averaged to");
  visit_joint(field, c.joint);
}

}  // namespace braid
