// The shadow device: the CPU's kernels in a slot that torch keeps for others' devices.
//
// Its pointers have a high bit set, so that host code which reads them faults; the fallback below
// clears it. An operator that gets CPU tensors beside the shadow's throws, as CUDA's would; scalars
// (no axes) may come from the CPU there too.
#include <ATen/ATen.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <torch/library.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <vector>

#include "tests/device/devices.h"

namespace braid::test {
namespace {

constexpr auto kShadow = c10::DeviceType::BRAID_SHADOW_SLOT;
constexpr uintptr_t kMark = uintptr_t{1} << 62;

void* marked(void* p) {
  return p ? reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(p) | kMark) : p;
}
void* plain(const void* p) {
  return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(p) & ~kMark);
}

class ShadowAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) BRAID_TORCH_ALLOCATE_CONST override {
    void* data = nullptr;
    if (::posix_memalign(&data, 64, std::max<size_t>(bytes, 64)) != 0) throw std::bad_alloc();
    return {marked(data), data, &::free, shadow_device()};
  }
#if BRAID_TORCH_ALLOCATOR_COPIES
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    std::memcpy(plain(to), plain(from), bytes);
  }
#endif
};

ShadowAllocator g_allocator;

bool is_shadow(const at::Tensor& x) { return x.defined() && x.device().type() == kShadow; }

// Uninitialised memory on the shadow device.
at::Tensor shadow_empty(at::IntArrayRef size, at::IntArrayRef stride, at::ScalarType type) {
  int64_t count = 1;
  for (size_t i = 0; i < size.size(); ++i) {
    if (size[i] == 0) {
      count = 0;
      break;
    }
    count += (size[i] - 1) * stride[i];
  }
  const auto meta = c10::scalarTypeToTypeMeta(type);
  const auto bytes = static_cast<int64_t>(meta.itemsize()) * count;
  c10::Storage storage(c10::make_intrusive<c10::StorageImpl>(
      c10::StorageImpl::use_byte_size_t(), bytes, g_allocator.allocate(static_cast<size_t>(bytes)),
      &g_allocator, true));
  auto result = at::detail::make_tensor<c10::TensorImpl>(
      std::move(storage), c10::DispatchKeySet(c10::DispatchKey::BRAID_SHADOW_SLOT), meta);
  result.unsafeGetTensorImpl()->set_sizes_and_strides(size, stride);
  return result;
}

// The same bytes as a CPU tensor: what is written there is written here.
at::Tensor on_cpu(const at::Tensor& x) {
  return at::from_blob(plain(x.data_ptr()), x.sizes(), x.strides(), x.options().device(at::kCPU));
}

at::Tensor on_shadow(const at::Tensor& x) {
  auto result = shadow_empty(x.sizes(), x.strides(), x.scalar_type());
  on_cpu(result).copy_(x);
  return result;
}

std::vector<int64_t> dense_strides(at::IntArrayRef size) {
  std::vector<int64_t> stride(size.size(), 1);
  for (size_t i = size.size(); i-- > 1;) stride[i - 1] = stride[i] * std::max<int64_t>(size[i], 1);
  return stride;
}

void become(const at::Tensor& target, const at::Tensor& source) {
  auto* impl = target.unsafeGetTensorImpl();
  impl->set_storage_keep_dtype(source.storage());
  impl->set_sizes_and_strides(source.sizes(), source.strides());
}

at::Tensor strided(const at::Tensor& self, at::IntArrayRef size, at::IntArrayRef stride,
                   TorchOptional<int64_t> offset) {
  auto result = at::detail::make_tensor<c10::TensorImpl>(
      c10::TensorImpl::VIEW, c10::Storage(self.storage()), self.key_set(), self.dtype());
  auto* impl = result.unsafeGetTensorImpl();
  impl->set_storage_offset(offset.value_or(self.storage_offset()));
  impl->set_sizes_and_strides(size, stride);
  return result;
}

class Crossing {
 public:
  c10::IValue to_cpu(const c10::IValue& value) {
    if (value.isTensor()) return one(value.toTensor());
    if (value.isTensorList()) {
      c10::List<at::Tensor> list;
      for (const at::Tensor& x : value.toTensorVector()) list.push_back(one(x));
      return list;
    }
    if (value.isOptionalTensorList()) {
      c10::List<TorchOptional<at::Tensor>> list;
      for (const TorchOptional<at::Tensor>& x : value.toOptionalTensorVector())
        list.push_back(x ? TorchOptional<at::Tensor>(one(*x)) : x);
      return list;
    }
    if (value.isDevice() && value.toDevice().type() == kShadow) return at::Device(at::kCPU);
    return value;
  }

  // What was handed in comes back as itself.
  c10::IValue from_cpu(const c10::IValue& value) const {
    if (value.isTensor()) return back(value.toTensor());
    if (value.isTensorList()) {
      c10::List<at::Tensor> list;
      for (const at::Tensor& x : value.toTensorVector()) list.push_back(back(x));
      return list;
    }
    return value;
  }

  void check(const std::string& name) const {
    if (foreign_ && !pairs_.empty())
      throw std::runtime_error(name + ": tensors of the CPU and of the shadow device together");
  }

 private:
  at::Tensor one(const at::Tensor& x) {
    if (!is_shadow(x)) {
      foreign_ = foreign_ || (x.defined() && x.dim() > 0);
      return x;
    }
    // What is empty may be an output that the operator gives its size.
    pairs_.emplace_back(x.numel() == 0 ? at::empty(x.sizes(), x.scalar_type()) : on_cpu(x), x);
    return pairs_.back().first;
  }
  at::Tensor back(const at::Tensor& x) const {
    for (const auto& [cpu, shadow] : pairs_) {
      if (!x.defined() || !x.is_alias_of(cpu)) continue;
      if (!cpu.is_same(x))  // a view
        return strided(shadow, x.sizes(), x.strides(),
                       shadow.storage_offset() + x.storage_offset());
      if (shadow.sizes() != x.sizes()) become(shadow, on_shadow(x));
      return shadow;
    }
    return x.defined() && x.is_cpu() ? on_shadow(x) : x;
  }

  std::vector<std::pair<at::Tensor, at::Tensor>> pairs_;
  bool foreign_ = false;
};

void run_on_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const auto count = op.schema().arguments().size();
  Crossing crossing;
  torch::jit::Stack arguments;
  for (const auto& value : torch::jit::last(*stack, count))
    arguments.push_back(crossing.to_cpu(value));
  crossing.check(op.schema().name());
  torch::jit::drop(*stack, count);
  op.callBoxed(&arguments);
  for (const auto& value : arguments) torch::jit::push(*stack, crossing.from_cpu(value));
}

at::Tensor empty_like_options(at::IntArrayRef size, TorchOptional<at::ScalarType> type,
                              TorchOptional<at::Layout>, TorchOptional<at::Device>,
                              TorchOptional<bool>, TorchOptional<at::MemoryFormat>) {
  return shadow_empty(size, dense_strides(size), type.value_or(at::kFloat));
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride,
                         TorchOptional<at::ScalarType> type, TorchOptional<at::Layout>,
                         TorchOptional<at::Device>, TorchOptional<bool>) {
  return shadow_empty(size, stride, type.value_or(at::kFloat));
}

at::Tensor viewed(const at::Tensor& self, at::IntArrayRef size) {
  const auto shape = on_cpu(self).view(size);  // finds -1, and refuses what no view can be
  return strided(self, shape.sizes(), shape.strides(), {});
}

at::Tensor reshape_alias(const at::Tensor& self, at::IntArrayRef size, at::IntArrayRef stride) {
  return strided(self, size, stride, {});
}

at::Tensor copy_from(const at::Tensor& self, const at::Tensor& target, bool) {
  const auto from = is_shadow(self) ? on_cpu(self) : self;
  (is_shadow(target) ? on_cpu(target) : target).copy_(from);
  return target;
}

at::Tensor convolution(const at::Tensor& input, const at::Tensor& weight,
                       const TorchOptional<at::Tensor>& bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, int64_t groups) {
  const auto b = bias && bias->defined() ? TorchOptional<at::Tensor>(on_cpu(*bias)) : bias;
  return on_shadow(at::convolution(on_cpu(input), on_cpu(weight), b, stride, padding, dilation,
                                   transposed, output_padding, groups));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(
    const at::Tensor& gradient, const at::Tensor& input, const at::Tensor& weight,
    at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
    at::IntArrayRef output_padding, int64_t groups, std::array<bool, 3> mask) {
  const auto sizes = std::vector<int64_t>{weight.size(0)};
  auto [a, b, c] =
      at::convolution_backward(on_cpu(gradient), on_cpu(input), on_cpu(weight), sizes, stride,
                               padding, dilation, transposed, output_padding, groups, mask);
  const auto there = [](const at::Tensor& x) { return x.defined() ? on_shadow(x) : x; };
  return {there(a), there(b), there(c)};
}

}  // namespace

C10_REGISTER_GUARD_IMPL(BRAID_SHADOW_SLOT, c10::impl::NoOpDeviceGuardImpl<kShadow>);

TORCH_LIBRARY_IMPL(aten, BRAID_SHADOW_SLOT, m) {
  m.impl("empty.memory_format", empty_like_options);
  m.impl("empty_strided", empty_strided);
  m.impl("as_strided", strided);
  m.impl("view", viewed);
  m.impl("_reshape_alias", reshape_alias);
  m.impl("_copy_from", copy_from);
  m.impl("convolution_overrideable", convolution);
  m.impl("convolution_backward_overrideable", convolution_backward);
}

TORCH_LIBRARY_IMPL(_, BRAID_SHADOW_SLOT, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&run_on_cpu>());
}

namespace {

TEST(ShadowDevice, ComputesAndFindsGradientsAsTheCpuDoes) {
  if (!shadow_runs_backward()) GTEST_SKIP() << "this libtorch has CUDA";
  at::manual_seed(1);
  const auto a = at::randn({3, 4}), b = at::randn({4, 2});
  const auto on = [&](at::Device device) {
    const auto x = a.clone().to(device).requires_grad_(true);
    const auto y = x.matmul(b.to(device)).softmax(1).select(1, 0).exp().sum();
    y.backward();
    return std::pair{y.item<double>(), x.grad().cpu()};
  };
  const auto here = on(at::kCPU), there = on(shadow_device());
  EXPECT_NEAR(here.first, there.first, 1e-6);
  EXPECT_TRUE(at::allclose(here.second, there.second, 1e-5, 1e-6));
}

TEST(ShadowDevice, RefusesTensorsOfTheCpu) {
  const auto there = at::ones({3}, at::TensorOptions(shadow_device()));
  EXPECT_THROW(there + at::ones({3}), std::exception);
  EXPECT_THROW(there.index_select(0, at::zeros({2}, at::kLong)), std::exception);
  EXPECT_NO_THROW(there + at::ones({}));
}

TEST(ShadowDeviceDeathTest, FaultsWhereHostCodeReadsIt) {
  const auto there = at::ones({3}, at::TensorOptions(shadow_device()));
  EXPECT_DEATH(
      {
        volatile float read = *static_cast<const float*>(there.data_ptr());
        (void)read;
      },
      "");
}

}  // namespace
}  // namespace braid::test
