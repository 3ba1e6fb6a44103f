// Attention forward + backward, reading q, k, v from one projection [N, 3 D] (workload W5).
//
//   bench_attention [--json] [--kernel simd|ref] [--repeat 20] [--causal]
//                   [BATCH HEADS STEPS WIDTH]...        default: 64 8 197 64
//
// Threads: OMP_NUM_THREADS. Per size one line, with --json one object a line: medians of
// milliseconds (wall and, of all threads, CPU) and GF/s of wall time, counting 14 operations for
// each query, key and element of a head (4 forward, 10 backward).
#include <omp.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/kernel/attention.h"

namespace {

struct Options {
  bool json = false;
  bool causal = false;
  std::string kernel = "simd";
  int64_t repeat = 20;
  std::vector<int64_t> sizes;
};

double seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int64_t number(const char* text) {
  char* end = nullptr;
  const long long value = std::strtoll(text, &end, 10);
  if (*end || end == text || value < 1) {
    throw braid::Error(braid::ErrorCode::kUsage,
                       std::string("bench_attention: expected a number, got ") + text);
  }
  return value;
}

Options read_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = [&] { return i + 1 < count ? words[++i] : ""; };
    if (word == "--json") {
      options.json = true;
    } else if (word == "--causal") {
      options.causal = true;
    } else if (word == "--kernel") {
      options.kernel = value();
    } else if (word == "--repeat") {
      options.repeat = number(value());
    } else {
      options.sizes.push_back(number(words[i]));
    }
  }
  if (options.sizes.empty()) options.sizes = {64, 8, 197, 64};
  if (options.sizes.size() % 4 != 0) {
    throw braid::Error(braid::ErrorCode::kUsage,
                       "bench_attention: sizes come in fours: BATCH HEADS STEPS WIDTH");
  }
  return options;
}

std::vector<float> noise(int64_t count, uint32_t state) {
  std::vector<float> values(static_cast<size_t>(count));
  for (auto& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(state >> 8) / static_cast<float>(1 << 23) - 1;
  }
  return values;
}

const braid::AttentionKernel& kernel_named(const std::string& name) {
  for (const auto& kernel : braid::attention_kernels())
    if (name == kernel.name) return kernel;
  throw braid::Error(braid::ErrorCode::kUsage, "bench_attention: no kernel " + name);
}

void measure(const Options& options, const int64_t* size) {
  const int64_t batch = size[0], heads = size[1], steps = size[2], width = size[3];
  const int64_t rows = batch * steps, row = heads * width;
  std::vector<int64_t> offsets;
  for (int64_t i = 0; i <= batch; ++i) offsets.push_back(i * steps);
  const braid::AttentionShape shape{offsets, offsets, heads, width, 0.125f, options.causal};
  const auto x = noise(rows * 3 * row, 1), d_out = noise(rows * row, 2);
  std::vector<float> out(d_out.size()), dx(x.size()), lse(static_cast<size_t>(rows * heads));
  const auto in = [&](int64_t i) { return braid::HeadsIn{x.data() + i * row, 3 * row, width}; };
  const auto to = [&](int64_t i) { return braid::HeadsOut{dx.data() + i * row, 3 * row, width}; };
  const auto& kernel = kernel_named(options.kernel);
  std::vector<double> forward, backward, whole, cpu;
  for (int64_t i = 0; i <= options.repeat; ++i) {
    const double used = seconds(CLOCK_PROCESS_CPUTIME_ID), start = seconds(CLOCK_MONOTONIC);
    kernel.forward(shape, {in(0), in(1), in(2), {out.data(), row, width}, lse.data()});
    const double middle = seconds(CLOCK_MONOTONIC);
    kernel.backward(shape, {in(0),
                            in(1),
                            in(2),
                            {out.data(), row, width},
                            {d_out.data(), row, width},
                            lse.data(),
                            to(0),
                            to(1),
                            to(2)});
    const double end = seconds(CLOCK_MONOTONIC);
    if (i == 0) continue;  // memory is touched for the first time
    forward.push_back(middle - start), backward.push_back(end - middle);
    whole.push_back(end - start), cpu.push_back(seconds(CLOCK_PROCESS_CPUTIME_ID) - used);
  }
  const double ms = 1e3 * median(whole), cpu_ms = 1e3 * median(cpu);
  const double flops = braid::attention_flops(shape, true);
  std::printf(
      options.json
          ? "{\"batch\": %ld, \"heads\": %ld, \"steps\": %ld, \"width\": %ld, \"kernel\": \"%s\", "
            "\"threads\": %d, \"ms\": %.4f, \"forward_ms\": %.4f, \"backward_ms\": %.4f, "
            "\"cpu_ms\": %.4f, \"gflops\": %.2f, \"gflops_cpu\": %.2f}\n"
          : "%ld %ld %ld %ld  %s, %d threads: %.2f ms = %.2f forward + %.2f backward, CPU %.2f ms, "
            "%.1f GF/s, %.1f a core of CPU time\n",
      batch, heads, steps, width, kernel.name, omp_get_max_threads(), ms, 1e3 * median(forward),
      1e3 * median(backward), cpu_ms, flops / ms * 1e-6, flops / cpu_ms * 1e-6);
}

}  // namespace

int main(int count, char** words) {
  try {
    const Options options = read_options(count, words);
    for (size_t i = 0; i < options.sizes.size(); i += 4) measure(options, &options.sizes[i]);
    return 0;
  } catch (const braid::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
