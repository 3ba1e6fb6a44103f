// The recipe keys of how all values of a sample become one vector. Torch-free.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "braid/core/config.h"

namespace braid {

enum class ValuePoolingKind { kAttention, kMean };

inline std::span<const char* const> enum_names(ValuePoolingKind*) {
  static constexpr std::array<const char*, 2> kNames = {"attention", "mean"};
  return kNames;
}

struct ValuePoolingConfig {
  ValuePoolingKind kind = ValuePoolingKind::kAttention;
  int64_t hidden = 128;
  std::optional<int64_t> max;
};

template <class Field>
void visit(Field&& field, ValuePoolingConfig& c) {
  field("kind", c.kind,
        "every value of a sample takes part in one vector, by learned weights or all the same; "
        "without `pooling` each stands by itself");
  field("hidden", c.hidden, closed<int64_t>(1, 65536), "hidden width of the scorer of attention");
  field("max", c.max,
        "most values of a sample that take part: random ones in training, else the first; default: "
        "all");
}

}  // namespace braid
