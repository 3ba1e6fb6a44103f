// The most bytes of CPU tensors that were alive at once, beside those that were there before.
#pragma once

#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "braid/block/torch_version.h"

namespace braid::test {

// Counts in bytes as malloc rounds them.
class CountingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) BRAID_TORCH_ALLOCATE_CONST override {
    void* data = nullptr;
    if (::posix_memalign(&data, 64, std::max<size_t>(bytes, 64)) != 0) throw std::bad_alloc();
    const int64_t now = alive() += static_cast<int64_t>(::malloc_usable_size(data));
    int64_t before = peak();
    while (before < now && !peak().compare_exchange_weak(before, now)) {
    }
    return {data, data, &drop, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &drop; }
#if BRAID_TORCH_ALLOCATOR_COPIES
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    std::memcpy(to, from, bytes);
  }
#endif

  static std::atomic<int64_t>& alive() {
    static std::atomic<int64_t> bytes{0};
    return bytes;
  }
  static std::atomic<int64_t>& peak() {
    static std::atomic<int64_t> bytes{0};
    return bytes;
  }

 private:
  static void drop(void* data) {
    alive() -= static_cast<int64_t>(::malloc_usable_size(data));
    ::free(data);
  }
};

class PeakMemory {
 public:
  PeakMemory() : before_(c10::GetCPUAllocator()) {
    static CountingAllocator counting;
    begin_ = CountingAllocator::alive();
    CountingAllocator::peak() = begin_;
    c10::SetCPUAllocator(&counting, kPriority);
  }
  ~PeakMemory() { c10::SetCPUAllocator(before_, kPriority); }
  PeakMemory(const PeakMemory&) = delete;
  PeakMemory& operator=(const PeakMemory&) = delete;

  int64_t peak_bytes() const { return CountingAllocator::peak() - begin_; }

 private:
  static constexpr uint8_t kPriority = 1;
  c10::Allocator* before_;
  int64_t begin_;
};

}  // namespace braid::test
