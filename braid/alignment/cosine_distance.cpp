// Cosine distance: partners must point the same way, whatever others do.
//   L = 1/B sum_i [ 1 - cos(a_i, b_i) ]
// For unit vectors half their squared distance. Source: Reimers and Gurevych 2020 (Multilingual
// distillation), a student that learns a frozen teacher's vectors. The mean of what a value may mean is its best answer,
// where a contrast wants one that no other row has. Nothing pushes apart: if neither side is frozen
// nor held by another term, all vectors become one.
// Unit: distance, 0 .. 2. At chance (all directions equally likely): 1.
#include "braid/alignment/cosine_distance.h"

#include "braid/alignment/alignment.h"
#include "braid/alignment/contrast.h"

namespace braid {
namespace {

class CosineDistance final : public Alignment {
 public:
  AlignmentLoss forward(const Pairs& pairs) override {
    check_pairs("cosine_distance", pairs);
    const auto scores = similarities(pairs.a, pairs.b, Similarity::kCosine);  // [B, B]
    const auto shown = masked(scores.detach(), equal_rows(pairs.identity, pairs.a));
    return {1 - scores.diagonal().mean(), 0.5 * (diagonal_wins(shown) + diagonal_wins(shown.t()))};
  }
};

}  // namespace

std::shared_ptr<Alignment> make_cosine_distance(const ConfigNode& node, int64_t /*width*/) {
  read_member<CosineDistanceConfig>(node);
  return std::make_shared<CosineDistance>();
}

}  // namespace braid
