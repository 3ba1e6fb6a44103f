#include "braid/kernel/fixed_factors.h"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <new>
#include <utility>

#include "braid/kernel/dnnl_fixed.h"

namespace braid {
namespace {

constexpr size_t kMostBytes = size_t{1} << 30;

struct FactorCopy {
  dnnl::memory::desc given, taken;
  std::shared_ptr<const std::byte> bytes;
};

struct FixedPart {
  const std::byte* end = nullptr;
  std::multimap<const std::byte*, FactorCopy> copies;  // by where the factor begins
};

struct FixedMemory {
  std::mutex mutex;
  std::map<const std::byte*, FixedPart, std::less<>> parts;  // by their begin; none overlap
  size_t copied = 0;                                         // bytes
  std::atomic<bool> any = false;                             // to be asked without the mutex
};

// Never ends: static objects may hold parts.
FixedMemory& fixed_memory() {
  static auto* const memory = new FixedMemory;
  return *memory;
}

std::shared_ptr<std::byte> aligned_bytes(size_t size) {
  constexpr std::align_val_t kCacheLine{64};
  return {static_cast<std::byte*>(::operator new (size, kCacheLine)),
          [](std::byte* p) { ::operator delete (p, kCacheLine); }};
}

}  // namespace

FixedFactors::FixedFactors(std::vector<std::span<const std::byte>> parts)
    : parts_(std::move(parts)) {
  std::erase_if(parts_, [](const auto& part) { return part.empty(); });
  auto& memory = fixed_memory();
  const std::lock_guard lock(memory.mutex);
  for (const auto& part : parts_) memory.parts[part.data()].end = part.data() + part.size();
  memory.any = !memory.parts.empty();
}

FixedFactors::~FixedFactors() {
  auto& memory = fixed_memory();
  const std::lock_guard lock(memory.mutex);
  for (const auto& part : parts_) {
    const auto found = memory.parts.find(part.data());
    if (found == memory.parts.end()) continue;
    for (const auto& [at, copy] : found->second.copies) memory.copied -= copy.taken.get_size();
    memory.parts.erase(found);
  }
  memory.any = !memory.parts.empty();
}

FixedFactors& FixedFactors::operator=(FixedFactors&& other) noexcept {
  std::swap(parts_, other.parts_);
  return *this;
}

size_t kept_copy_bytes() {
  auto& memory = fixed_memory();
  const std::lock_guard lock(memory.mutex);
  return memory.copied;
}

std::shared_ptr<const std::byte> fixed_copy(const float* data, const dnnl::memory::desc& given,
                                            const dnnl::memory::desc& taken,
                                            const std::function<void(std::byte*)>& fill) {
  auto& memory = fixed_memory();
  if (!memory.any) return nullptr;
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const std::lock_guard lock(memory.mutex);
  auto part = memory.parts.upper_bound(begin);
  if (part == memory.parts.begin()) return nullptr;
  --part;
  if (begin + given.get_size() > part->second.end) return nullptr;
  auto& copies = part->second.copies;
  const auto [first, last] = copies.equal_range(begin);
  for (auto at = first; at != last; ++at) {
    if (at->second.given == given && at->second.taken == taken) return at->second.bytes;
  }
  if (memory.copied + taken.get_size() > kMostBytes) return nullptr;
  auto bytes = aligned_bytes(taken.get_size());
  fill(bytes.get());
  memory.copied += taken.get_size();
  copies.emplace(begin, FactorCopy{given, taken, bytes});
  return bytes;
}

}  // namespace braid
