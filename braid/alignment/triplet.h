// Recipe keys of triplet. Torch-free.
#pragma once

#include <span>

#include "braid/alignment/negatives.h"
#include "braid/alignment/similarity.h"

namespace braid {

enum class Mining { kHardest, kSemiHard, kAll };
inline std::span<const char* const> enum_names(Mining*) {
  static constexpr const char* kNames[] = {"hardest", "semi_hard", "all"};
  return kNames;
}

struct TripletConfig {
  Similarity similarity = Similarity::kCosine;
  double margin = 0.2;
  Mining mining = Mining::kSemiHard;
  NegativesConfig negatives;
};

template <class Field>
void visit(Field&& field, TripletConfig& c) {
  field("similarity", c.similarity, "cosine or dot product");
  field("margin", c.margin, above(0.0), "by how much the partner must be more similar");
  field("mining", c.mining,
        "negatives of a row: its hardest, its hardest below the partner, or the mean over all");
  visit_negatives(field, c.negatives);
}

}  // namespace braid
