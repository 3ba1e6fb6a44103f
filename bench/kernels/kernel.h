// One kernel to be measured by Google Benchmark at chosen sizes.
#pragma once

#include <sys/resource.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace braid::bench {

struct Kernel {
  std::string name;
  std::vector<std::string> sizes;           // what its numbers are called
  std::vector<std::vector<int64_t>> usual;  // measured where nothing is asked for
  std::function<void(benchmark::State&)> run;
};

std::vector<Kernel> measured_adamw();
std::vector<Kernel> measured_attention();
std::vector<Kernel> measured_contrastive();
std::vector<Kernel> measured_linear();
std::vector<Kernel> measured_rows();  // norm, activation, topk
std::vector<Kernel> measured_peak();  // of multiply-adds

// Numbers in -1 .. 1 that bench/peers/kernels.py makes too, so that outputs can be compared:
// 2 frac(i phi + seed / 10) - 1 for i = 1, 2, ...
inline std::vector<float> spread(int64_t count, int64_t seed) {
  constexpr double kPhi = 0.6180339887498949;
  std::vector<float> values(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    const double at = static_cast<double>(i + 1) * kPhi + static_cast<double>(seed) / 10;
    values[static_cast<size_t>(i)] = static_cast<float>(2 * (at - std::floor(at)) - 1);
  }
  return values;
}

// What outputs are compared by.
inline double mean_size(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += std::abs(static_cast<double>(value));
  return sum / static_cast<double>(values.size());
}

// A rate in units of 1e9 a second.
inline benchmark::Counter giga(double each) {
  return {1e-9 * each, benchmark::Counter::kIsIterationInvariantRate};
}

inline double peak_mb() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace braid::bench
