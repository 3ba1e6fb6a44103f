// Recipe keys of nt_xent. Torch-free.
#pragma once

#include "braid/alignment/negatives.h"
#include "braid/alignment/similarity.h"

namespace braid {

enum class Denominator { kOthers, kWithSelf };
inline std::span<const char* const> enum_names(Denominator*) {
  static constexpr const char* kNames[] = {"others", "with_self"};
  return kNames;
}

struct NtXentConfig {
  Similarity similarity = Similarity::kCosine;
  TemperatureConfig temperature{.initial = 0.2, .learned = false};
  Denominator denominator = Denominator::kOthers;
  NegativesConfig negatives;
};

template <class Field>
void visit(Field&& field, NtXentConfig& c) {
  field("similarity", c.similarity, "cosine or dot product");
  field("temperature", c.temperature);
  field("denominator", c.denominator, "the other 2B-1 vectors, or all 2B with the vector itself");
  visit_negatives(field, c.negatives);
}

}  // namespace braid
