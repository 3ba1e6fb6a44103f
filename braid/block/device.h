// Where tensors lie and are computed: which devices there are, how values get there, in which
// precision layers compute.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "braid/kernel/precision.h"

namespace braid {

// "auto" (the first CUDA device where there is one, else the CPU), "cpu", "cuda" or "cuda:N".
// Throws Error(kUsage) for another word, and for a device that is not there, naming those that are.
at::Device pick_device(const std::string& wanted);

std::string device_text(at::Device device);  // "cpu", "cuda:0"
std::vector<std::string> devices();          // "cpu" first
// Of a stage of work, for who watches it: "train", "train on cuda:0".
std::string stage_on(const std::string& stage, at::Device device);
bool libtorch_has_cuda();  // built with it, whether or not there is a device

// Onto a CUDA device through pinned memory, while the host goes on; as it is where it lies there
// already, or undefined.
at::Tensor to_device(const at::Tensor& x, at::Device device);

// While alive and kBf16, on this thread: products of linear layers and convolutions in bfloat16;
// sums, norms and attention in float32; on CUDA torch's autocast decides what else. Weights stay
// float32. Gradients are computed as their layer was.
class MixedPrecision {
 public:
  MixedPrecision(at::Device device, Precision precision);
  ~MixedPrecision();
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  bool cuda_;
  Precision before_;
};

// Of products on the CPU, on this thread: what the innermost MixedPrecision says, else kFp32.
Precision products_in();

}  // namespace braid
