// Exponential moving average of weights and buffers: avg = d avg + (1 - d) w, with a warm start
// d_t = min(d, (1 + t) / (10 + t)) so that early steps are forgotten (as in TensorFlow's
// reference).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "braid/block/module.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

class WeightAverage {
 public:
  WeightAverage(const Module& module, double decay);

  void update(int64_t step);  // from 1
  void swap();  // exchanges averaged and live values, in place; call twice around an evaluation

  TensorFile state() const;
  void load(const TensorFile& state, const std::string& where);  // throws Error(kState)

 private:
  struct Slot {
    std::string name;
    at::Tensor live, average;
  };
  std::vector<Slot> slots_;
  double decay_;
};

}  // namespace braid
