#include "braid/block/device.h"

#include <ATen/autocast_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <charconv>

#include "braid/block/torch_version.h"
#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

int64_t cuda_count() { return static_cast<int64_t>(torch::cuda::device_count()); }

[[noreturn]] void no_such_device(const std::string& wanted) {
  std::string why = "here there is " + join(devices(), ", ");
  if (!libtorch_has_cuda()) {
    why = std::string("this libtorch (") + TORCH_VERSION +
          ") was built without CUDA; use --device cpu, or build braid with a libtorch that has it "
          "(docs/devices.md)";
  } else if (cuda_count() == 0) {
    why = std::string("libtorch ") + TORCH_VERSION +
          " has CUDA but finds no device; look at nvidia-smi and CUDA_VISIBLE_DEVICES, or use "
          "--device cpu";
  }
  throw Error(ErrorCode::kUsage, "--device " + wanted + ": " + why);
}

thread_local Precision cpu_products = Precision::kFp32;

void switch_autocast(bool on) {
#if BRAID_TORCH_AUTOCAST_BY_DEVICE
  at::autocast::set_autocast_enabled(at::kCUDA, on);
  at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
#else
  at::autocast::set_enabled(on);
  at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
#endif
}

}  // namespace

bool libtorch_has_cuda() { return at::CUDAHooksRegistry()->Has("CUDAHooks"); }

at::Device pick_device(const std::string& wanted) {
  if (wanted == "cpu") return at::kCPU;
  if (wanted == "auto") return cuda_count() > 0 ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  int64_t number = 0;
  if (wanted != "cuda") {
    const bool cuda = wanted.starts_with("cuda:") && wanted.size() > 5;
    const auto* end = wanted.data() + wanted.size();
    const auto read = std::from_chars(cuda ? wanted.data() + 5 : end, end, number);
    if (!cuda || read.ec != std::errc() || read.ptr != end || number < 0) {
      throw Error(ErrorCode::kUsage,
                  "--device: expected auto, cpu, cuda or cuda:N, got '" + wanted + "'");
    }
  }
  if (number >= cuda_count()) no_such_device(wanted);
  return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(number));
}

std::string device_text(at::Device device) { return device.str(); }

std::string stage_on(const std::string& stage, at::Device device) {
  return device.is_cpu() ? stage : stage + " on " + device_text(device);
}

std::vector<std::string> devices() {
  std::vector<std::string> all = {"cpu"};
  for (int64_t i = 0; i < cuda_count(); ++i) all.push_back("cuda:" + std::to_string(i));
  return all;
}

at::Tensor to_device(const at::Tensor& x, at::Device device) {
  if (!x.defined() || x.device() == device) return x;
  if (!device.is_cuda() || !x.is_cpu()) return x.to(device);
  return x.pin_memory().to(device, x.scalar_type(), /*non_blocking=*/true, /*copy=*/false);
}

MixedPrecision::MixedPrecision(at::Device device, Precision precision)
    : cuda_(device.is_cuda() && precision == Precision::kBf16), before_(cpu_products) {
  if (cuda_) switch_autocast(true);
  if (device.is_cpu()) cpu_products = precision;
}

MixedPrecision::~MixedPrecision() {
  cpu_products = before_;
  if (!cuda_) return;
  switch_autocast(false);
  // Weights cast without a graph must not serve where one is asked for.
  at::autocast::clear_cache();
}

Precision products_in() { return cpu_products; }

}  // namespace braid
