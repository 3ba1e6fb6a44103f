#include "braid/block/initial.h"

#include <torch/types.h>

namespace braid {
namespace {

thread_local int unset_scopes = 0;

}  // namespace

at::Tensor uniform_weights(at::IntArrayRef shape, double bound) {
  auto weights = at::empty(shape);
  return unset_scopes > 0 ? weights : weights.uniform_(-bound, bound);
}

at::Tensor normal_weights(at::IntArrayRef shape, double deviation) {
  auto weights = at::empty(shape);
  return unset_scopes > 0 ? weights : weights.normal_(0, deviation);
}

UnsetWeights::UnsetWeights() { ++unset_scopes; }

UnsetWeights::~UnsetWeights() { --unset_scopes; }

}  // namespace braid
