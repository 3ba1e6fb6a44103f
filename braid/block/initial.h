// Initial weights of parameters: drawn, or left unset where stored ones take their place.
#pragma once

#include <ATen/core/Tensor.h>

namespace braid {

// From torch's default CPU generator.
at::Tensor uniform_weights(at::IntArrayRef shape, double bound);     // -bound .. bound
at::Tensor normal_weights(at::IntArrayRef shape, double deviation);  // around 0

// While one lives, the functions above draw nothing on its thread: a model made meanwhile has
// weights of any value, in memory not touched yet. For one that load_state or adopt_state fills
// next: they throw for a tensor that the file lacks.
class UnsetWeights {
 public:
  UnsetWeights();
  ~UnsetWeights();
  UnsetWeights(const UnsetWeights&) = delete;
  UnsetWeights& operator=(const UnsetWeights&) = delete;
};

}  // namespace braid
