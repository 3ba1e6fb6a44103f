// Devices that tests compute on: CUDA where there is one, and everywhere a shadow device that runs
// on the CPU but, as a GPU does, has addresses of its own and refuses tensors from elsewhere.
#pragma once

#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include "braid/block/device.h"
#include "braid/block/torch_version.h"

namespace braid::test {

// A slot without kernels, to which parameters may be moved: which one has them is another in each
// version.
#if BRAID_TORCH_AT_LEAST(2, 1)
#define BRAID_SHADOW_SLOT HPU
#else
#define BRAID_SHADOW_SLOT XPU
#endif

// Made in shadow_device_test.cpp.
inline at::Device shadow_device() { return at::Device(c10::DeviceType::BRAID_SHADOW_SLOT, 0); }

// Backward passes off the CPU ask a libtorch with CUDA for its driver and, where there is one, for
// events that the shadow does not have.
inline bool shadow_runs_backward() { return !libtorch_has_cuda(); }

// Tests of `Fixture` on one device; in theirs, SetUp() of this comes first.
template <class Fixture>
class OnDevice : public Fixture, public testing::WithParamInterface<at::DeviceType> {
 protected:
  void SetUp() override {
    if (GetParam() == at::kCUDA && torch::cuda::device_count() == 0)
      GTEST_SKIP() << "no CUDA device here";
    if (GetParam() != at::kCUDA && !shadow_runs_backward())
      GTEST_SKIP() << "this libtorch has CUDA: the shadow device needs one without";
    Fixture::SetUp();
  }
  at::Device device() const { return at::Device(GetParam(), 0); }
  // A key of a recipe's train. The shadow device multiplies in float32 alone, the CPU maybe not.
  std::string precision() const {
    return GetParam() == at::kCUDA ? "precision: auto" : "precision: fp32";
  }
  // Relative. bfloat16: 8 bits, and errors of several layers.
  double tolerance() const { return GetParam() == at::kCUDA ? 0.05 : 1e-4; }
};

// The label "gpu" goes by the name Cuda (tests/CMakeLists.txt).
#define BRAID_ON_EVERY_DEVICE(suite)                                                          \
  INSTANTIATE_TEST_SUITE_P(Shadow, suite, testing::Values(at::DeviceType::BRAID_SHADOW_SLOT), \
                           [](const auto&) { return "shadow"; });                             \
  INSTANTIATE_TEST_SUITE_P(Cuda, suite, testing::Values(at::DeviceType::CUDA),                \
                           [](const auto&) { return "cuda"; })

}  // namespace braid::test
