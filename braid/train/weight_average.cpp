#include "braid/train/weight_average.h"

#include <algorithm>
#include <set>

#include "braid/core/error.h"
#include "braid/task/tensor.h"

namespace braid {

WeightAverage::WeightAverage(const Module& module, double decay) : decay_(decay) {
  std::set<std::string> frozen;  // never change
  for (const auto& [name, tensor] : module.named_frozen()) frozen.insert(name);
  const auto add = [&](const auto& named) {
    for (const auto& [name, tensor] : named) {
      if (tensor.is_floating_point() && !frozen.contains(name))
        slots_.push_back({name, tensor, tensor.detach().clone()});
    }
  };
  add(module.named_parameters());
  add(module.named_buffers());
}

void WeightAverage::update(int64_t step) {
  const at::NoGradGuard no_grad;
  const auto t = static_cast<double>(step);
  const double decay = std::min(decay_, (1 + t) / (10 + t));
  for (auto& slot : slots_) slot.average.lerp_(slot.live.detach(), 1 - decay);
}

void WeightAverage::swap() {
  const at::NoGradGuard no_grad;
  for (auto& slot : slots_) {
    const auto live = slot.live.detach().clone();
    slot.live.copy_(slot.average);
    slot.average.copy_(live);
  }
}

TensorFile WeightAverage::state() const {
  TensorFile file;
  for (const auto& slot : slots_)
    file.tensors.emplace_back(slot.name, to_array(slot.average.clone()));
  return file;
}

void WeightAverage::load(const TensorFile& state, const std::string& where) {
  for (auto& slot : slots_) {
    const auto* array = state.find(slot.name);
    if (!array || array->shape() != slot.average.sizes().vec()) {
      throw Error(ErrorCode::kState,
                  where + ": averaged weight '" + slot.name + "' is missing or of another shape");
    }
    slot.average.copy_(to_tensor(*array));
  }
}

}  // namespace braid
