// Attention forward + backward, reading q, k, v from one projection [N, 3 D] (workload W5).
//
//   bench_attention [--json] [--kernel simd|ref] [--repeat 20] [--causal]
//                   [BATCH HEADS STEPS WIDTH]...        default: 64 8 197 64
//
// Threads: OMP_NUM_THREADS. Per size one line, with --json one object a line: medians of
// milliseconds (wall and, of all threads, CPU) and GF/s of wall time, counting 14 operations for
// each query, key and element of a head (4 forward, 10 backward).
#include <omp.h>

#include <cstdio>
#include <string>
#include <vector>

#include "bench/timing.h"
#include "braid/kernel/attention.h"

namespace {

using braid::timing::noise;

struct Options {
  bool json, causal;
  std::string kernel;
  int64_t repeat;
};

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
  const auto run_forward = [&] {
    kernel.forward(shape, {in(0), in(1), in(2), {out.data(), row, width}, lse.data()});
  };
  const auto run_backward = [&] {
    kernel.backward(shape, {in(0),
                            in(1),
                            in(2),
                            {out.data(), row, width},
                            {d_out.data(), row, width},
                            lse.data(),
                            to(0),
                            to(1),
                            to(2)});
  };
  const auto both = braid::timing::measure(options.repeat, [&] { run_forward(), run_backward(); });
  const auto forward = braid::timing::measure(options.repeat, run_forward);
  const auto backward = braid::timing::measure(options.repeat, run_backward);
  const double flops = braid::attention_flops(shape, true);
  std::printf(
      options.json
          ? "{\"batch\": %ld, \"heads\": %ld, \"steps\": %ld, \"width\": %ld, \"kernel\": \"%s\", "
            "\"threads\": %d, \"ms\": %.4f, \"forward_ms\": %.4f, \"backward_ms\": %.4f, "
            "\"cpu_ms\": %.4f, \"gflops\": %.2f, \"gflops_cpu\": %.2f}\n"
          : "%ld %ld %ld %ld  %s, %d threads: %.2f ms; alone %.2f forward, %.2f backward, CPU %.2f "
            "ms, "
            "%.1f GF/s, %.1f a core of CPU time\n",
      batch, heads, steps, width, kernel.name, omp_get_max_threads(), both.ms, forward.ms,
      backward.ms, both.cpu_ms, flops / both.ms * 1e-6, flops / both.cpu_ms * 1e-6);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const braid::timing::Words words(count, arguments, {"--kernel", "--repeat"},
                                     {"--json", "--causal"});
    const Options options{words.has("--json"), words.has("--causal"), words.get("--kernel", "simd"),
                          words.get_number("--repeat", 20)};
    const auto sizes = words.numbers({64, 8, 197, 64}, 4);
    for (size_t i = 0; i < sizes.size(); i += 4) measure(options, &sizes[i]);
    return 0;
  } catch (const braid::Error& error) {
    std::fprintf(stderr, "bench_attention: %s\n", error.what());
    return 2;
  }
}
