// Recipe keys of cosine_distance. Torch-free.
#pragma once

namespace braid {

struct CosineDistanceConfig {};

template <class Field>
void visit(Field&& /*field*/, CosineDistanceConfig& /*c*/) {}

}  // namespace braid
