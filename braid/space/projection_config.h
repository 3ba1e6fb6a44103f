// The recipe keys of a projection into the shared space. Torch-free.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "braid/core/config.h"

namespace braid {

enum class ProjectionKind { kLinear, kMlp };

inline std::span<const char* const> enum_names(ProjectionKind*) {
  static constexpr std::array<const char*, 2> kNames = {"linear", "mlp"};
  return kNames;
}

struct ProjectionConfig {
  ProjectionKind kind = ProjectionKind::kLinear;
  int64_t width = 256;
  int64_t hidden = 512;
};

template <class Field>
void visit(Field&& field, ProjectionConfig& c) {
  field("kind", c.kind, "one linear layer, or two with GELU between");
  field("width", c.width, closed<int64_t>(1, 16384), "width of the shared space");
  field("hidden", c.hidden, closed<int64_t>(1, 65536), "hidden width of kind mlp");
}

}  // namespace braid
