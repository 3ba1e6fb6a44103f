// Recipe keys of vector_concat. Torch-free.
#pragma once

#include <span>

#include "braid/core/config.h"

namespace braid {

enum class MissingVector { kFlag, kLearned };
inline std::span<const char* const> enum_names(MissingVector*) {
  static constexpr const char* kNames[] = {"flag", "learned"};
  return kNames;
}

enum class ConcatHead { kNone, kLinear, kMlp };
inline std::span<const char* const> enum_names(ConcatHead*) {
  static constexpr const char* kNames[] = {"none", "linear", "mlp"};
  return kNames;
}

struct VectorConcatConfig {
  MissingVector missing = MissingVector::kFlag;
  ConcatHead head = ConcatHead::kMlp;
  int64_t hidden = 512;
  double dropout = 0.1;
};

template <class Field>
void visit(Field&& field, VectorConcatConfig& c) {
  field("missing", c.missing,
        "an absent vector is zeros, and a 0 or 1 a field says so; or a learned vector");
  field("head", c.head, "what follows: a linear layer, two with GELU between, or nothing");
  field("hidden", c.hidden, closed<int64_t>(1, 65536), "hidden width of head mlp");
  field("dropout", c.dropout, half_open(0.0, 1.0), "of the joined vector, before the head");
}

}  // namespace braid
