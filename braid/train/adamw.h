// AdamW over named parameters, on kernel/adamw.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "braid/kernel/adamw.h"
#include "braid/recipe/recipe.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

class Adamw {
 public:
  // Parameters with fewer than two axes (biases, norms, temperatures) are not decayed; those that
  // need no gradient have no part in it. config.parts says whose learning rate is another, by names
  // without the leading "model.".
  Adamw(std::vector<std::pair<std::string, at::Tensor>> parameters, const TrainConfig& config);

  // L2 norm of all gradients together; NaN or infinite where one is, infinite from 1.8e19.
  double gradient_norm() const;
  // What brings gradients of that norm down to the recipe's clip: at most 1.
  double clip_scale(double norm) const;
  // Name of the first parameter whose gradient is not finite, or "".
  std::string broken_gradient() const;

  // One step at `lr` times each parameter's own factor, gradients multiplied by `scale`; parameters
  // without a gradient stay.
  void step(double lr, double scale);
  void zero_gradients();

  TensorFile state() const;                                      // moments and step count, copies
  void load(const TensorFile& state, const std::string& where);  // throws Error(kState)

 private:
  struct Slot {
    std::string name;
    at::Tensor parameter, first, second;
    bool decay;
    double rate;  // factor of the learning rate
  };
  void step_at(double rate, AdamwStep step);
  std::vector<Slot> slots_;
  std::vector<double> rates_;  // that occur
  TrainConfig config_;
  int64_t steps_ = 0;
};

}  // namespace braid
