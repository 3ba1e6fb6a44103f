#include "braid/block/random_scope.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <torch/types.h>

#include <mutex>

namespace braid {

RandomScope::RandomScope(at::Device device, uint64_t seed) {
  std::vector<at::Generator> generators = {at::detail::getDefaultCPUGenerator()};
  if (device.is_cuda()) generators.push_back(at::globalContext().defaultGenerator(device));
  for (auto& generator : generators) {
    const std::lock_guard<std::mutex> lock(generator.mutex());
    before_.emplace_back(generator, generator.get_state());
    generator.set_current_seed(seed);
  }
}

RandomScope::~RandomScope() {
  for (auto& [generator, state] : before_) {
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(state);
  }
}

uint64_t draw_seed() {
  return static_cast<uint64_t>(at::empty({1}, at::kLong).random_().item<int64_t>());
}

}  // namespace braid
