// Kernels under Google Benchmark; workloads W5 to W7.
//
//   bench_kernels [--benchmark_...] [KERNEL SIZE...]...
//   bench_kernels attention 64 8 197 64 adamw 100000000 150
//
// Without a KERNEL all of them at their usual sizes. Threads: OMP_NUM_THREADS; BRAID_KERNEL=ref for
// the plain references. Times are milliseconds of the wall and, of all threads, of processors.
#include <cstdio>
#include <cstdlib>

#include "bench/kernels/kernel.h"
#include "braid/core/error.h"
#include "braid/core/heap.h"
#include "braid/core/text.h"

namespace {

using namespace braid;
using bench::Kernel;

std::vector<Kernel> all_kernels() {
  std::vector<Kernel> all;
  for (auto* part : {bench::measured_attention, bench::measured_contrastive, bench::measured_adamw,
                     bench::measured_linear, bench::measured_rows, bench::measured_peak}) {
    for (auto& kernel : part()) all.push_back(std::move(kernel));
  }
  return all;
}

void add(const Kernel& kernel, const std::vector<int64_t>& sizes) {
  benchmark::RegisterBenchmark(kernel.name.c_str(), kernel.run)
      ->ArgNames(kernel.sizes)
      ->Args(sizes)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime()
      ->MeasureProcessCPUTime();
}

const Kernel& kernel_named(const std::vector<Kernel>& all, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& kernel : all) {
    if (kernel.name == name) return kernel;
    names.push_back(kernel.name);
  }
  throw Error(ErrorCode::kUsage, "no kernel '" + name + "'; there are " + join(names, ", "));
}

int64_t size_from(const std::string& kernel, const std::string& what, const char* word) {
  char* end = nullptr;
  const long long value = word ? std::strtoll(word, &end, 10) : 0;
  if (!word || *end || end == word || value < 1) {
    throw Error(ErrorCode::kUsage, kernel + ": expected a number of 1 or more for " + what +
                                       ", got " + (word ? word : "nothing"));
  }
  return value;
}

void add_asked(const std::vector<Kernel>& all, char** words) {
  while (*words) {
    const auto& kernel = kernel_named(all, *words++);
    std::vector<int64_t> sizes;
    for (const auto& what : kernel.sizes) {
      sizes.push_back(size_from(kernel.name, what, *words));
      ++words;
    }
    add(kernel, sizes);
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    benchmark::Initialize(&count, words);  // takes its own options out
    words[count] = nullptr;
    const auto all = all_kernels();
    if (count > 1) {
      add_asked(all, words + 1);
    } else {
      for (const auto& kernel : all)
        for (const auto& sizes : kernel.usual) add(kernel, sizes);
    }
    keep_freed_memory();  // as training does
    benchmark::RunSpecifiedBenchmarks();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_kernels: %s\n", error.what());
    return 2;
  }
}
