// Recipe keys of deep_set. Torch-free.
#pragma once

#include <span>

#include "braid/core/config.h"

namespace braid {

enum class SetPooling { kSum, kMean };
inline std::span<const char* const> enum_names(SetPooling*) {
  static constexpr const char* kNames[] = {"sum", "mean"};
  return kNames;
}

struct DeepSetConfig {
  int64_t hidden = 512;
  SetPooling pooling = SetPooling::kSum;
  bool modality = false;
};

template <class Field>
void visit(Field&& field, DeepSetConfig& c) {
  field("hidden", c.hidden, closed<int64_t>(1, 65536), "hidden width of both MLPs");
  field("pooling", c.pooling, "sum over the set, or mean, which does not tell how many there are");
  field("modality", c.modality,
        "add a learned vector of its modality to each; else all are of one kind, as in the paper");
}

}  // namespace braid
