// Random numbers of a stretch of work: torch's default generators, of the CPU and of a device,
// start from a seed and stand afterwards where they stood before. Same seed, same draws, whatever
// ran between.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace braid {

class RandomScope {
 public:
  RandomScope(at::Device device, uint64_t seed);
  ~RandomScope();
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;

 private:
  std::vector<std::pair<at::Generator, at::Tensor>> before_;  // and their states
};

// A number from the default CPU generator, to seed others with.
uint64_t draw_seed();

}  // namespace braid
