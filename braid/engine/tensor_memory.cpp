#include "braid/engine/tensor_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <algorithm>

#include "braid/block/torch_version.h"
#include "braid/core/block_pool.h"
#include "braid/core/heap.h"
#include "braid/core/machine.h"

namespace braid {
namespace {

constexpr size_t kPooledBytes = 256 << 10;  // smaller ones are the heap's

// Never ends: tensors of static variables are given back after main.
BlockPool& tensor_blocks() {
  static auto* const pool =
      new BlockPool(std::max<size_t>(static_cast<size_t>(this_machine().memory_mb), 1024) << 22);  // x 4
  return *pool;
}

void free_tensor_memory(void* block) {
  if (block && !tensor_blocks().give_back(block)) c10::free_cpu(block);
}

class TensorMemory final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) BRAID_TORCH_ALLOCATE_CONST override {
    void* block = bytes >= kPooledBytes ? tensor_blocks().take(bytes) : nullptr;
    if (!block) block = c10::alloc_cpu(bytes);
    return {block, block, &free_tensor_memory, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_tensor_memory; }
#if BRAID_TORCH_ALLOCATOR_COPIES
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
#endif
};

}  // namespace

void pool_tensor_memory() {
  static TensorMemory memory;
  c10::SetCPUAllocator(&memory, /*priority=*/1);
  keep_freed_memory();
}

}  // namespace braid
