// The roof over every product: multiply-adds of registers, nothing read and nothing written.
#include "bench/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/kernels/peak.cpp"
#include <hwy/foreach_target.h>  // first

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace braid::bench {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using FloatTag = hn::CappedTag<float, 16>;

#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
constexpr int kSums = 12;  // of 16 registers
#else
constexpr int kSums = 24;  // of 32
#endif

// Returns the operations done by this thread.
double multiply_add_here(int64_t steps) {
  const FloatTag d;
  const auto factor = hn::Set(d, 0.999f), term = hn::Set(d, 0.001f);
  hn::Vec<FloatTag> sums[kSums];
  HWY_UNROLL(24)
  for (int i = 0; i < kSums; ++i) sums[i] = hn::Set(d, static_cast<float>(i));
  for (int64_t step = 0; step < steps; ++step) {
    HWY_UNROLL(24)
    for (int i = 0; i < kSums; ++i) sums[i] = hn::MulAdd(sums[i], factor, term);
  }
  auto total = hn::Zero(d);
  for (int i = 0; i < kSums; ++i) total = hn::Add(total, sums[i]);
  benchmark::DoNotOptimize(hn::GetLane(hn::SumOfLanes(d, total)));
  return 2.0 * static_cast<double>(steps * kSums) * static_cast<double>(hn::Lanes(d));
}

}  // namespace HWY_NAMESPACE
}  // namespace braid::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid::bench {
namespace {

HWY_EXPORT(multiply_add_here);

void run(benchmark::State& state) {
  double operations = 0;
  for (auto _ : state) {
    operations = 0;
#pragma omp parallel reduction(+ : operations)
    operations += HWY_DYNAMIC_DISPATCH(multiply_add_here)(state.range(0));
  }
  state.counters["gflops"] = giga(operations);
}

}  // namespace

std::vector<Kernel> measured_peak() {
  return {{"multiply_add", {"steps"}, {{20'000'000}}, run}};
}

}  // namespace braid::bench
#endif
