// What products and convolutions through oneDNN share: plans that are kept, factors that are copied
// into the layout that the library likes, memory of a call. For the .cpp files of this folder.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>

namespace braid {

const dnnl::engine& dnnl_cpu();
dnnl::stream& dnnl_stream();  // of this thread

// The library's own scratchpad belongs to the thread that made the primitive; ours to the caller.
dnnl::primitive_attr scratch_from_caller();

inline dnnl::memory memory_at(const dnnl::memory::desc& description, const void* data) {
  return {description, dnnl_cpu(), const_cast<void*>(data)};
}

// A tensor as the caller holds it and as the primitive takes it; `copy` between, where they differ.
struct DnnlFactor {
  dnnl::memory::desc given, taken;
  dnnl::reorder copy;

  bool copied() const { return given != taken; }
  size_t bytes() const;  // of the copy, a multiple of 64; 0 without one
};

// From the caller to the primitive, and back.
DnnlFactor dnnl_input(const dnnl::memory::desc& given, const dnnl::memory::desc& taken);
DnnlFactor dnnl_output(const dnnl::memory::desc& given, const dnnl::memory::desc& taken);

// The input as the primitive takes it: `data` itself, or its copy, made at `space`.
dnnl::memory taken_input(const DnnlFactor& factor, const float* data, std::byte* space);

// Memory for one call, kept by its thread and grown when needed.
std::byte* dnnl_bytes(size_t size);

// Plans by what they are for. Any thread.
template <class Key, class Plan>
class DnnlPlans {
 public:
  template <class Make>
  std::shared_ptr<const Plan> find(const Key& key, const Make& make) {
    const std::lock_guard lock(mutex_);
    if (const auto found = plans_.find(key); found != plans_.end()) return found->second;
    if (plans_.size() >= kMost) plans_.clear();
    return plans_[key] = std::make_shared<const Plan>(make());
  }

 private:
  static constexpr size_t kMost = 1024;  // text lengths vary: rows take many values

  std::mutex mutex_;
  std::map<Key, std::shared_ptr<const Plan>> plans_;
};

}  // namespace braid
