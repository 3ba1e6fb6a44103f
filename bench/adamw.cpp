// One AdamW step, and the norm of all gradients (workload W7).
//
//   bench_adamw [--json] [--repeat 9] [PARAMETERS TENSORS]...          default: 100000000 150
//
// Threads: OMP_NUM_THREADS. PARAMETERS floats in all, in TENSORS tensors: half of them small (512),
// the others of equal size. Per size one line, with --json one object a line: medians of
// milliseconds (wall and, of all threads, CPU), GB/s of wall time (7 floats moved a parameter).
#include <cstdio>

#include "braid/kernel/adamw.h"
#include "timing.h"

namespace {

using namespace braid;

std::vector<int64_t> tensor_sizes(int64_t parameters, int64_t tensors) {
  const int64_t small = std::min<int64_t>(512, parameters / tensors), large = (tensors + 1) / 2;
  std::vector<int64_t> sizes(static_cast<size_t>(tensors), small);
  const int64_t rest = parameters - small * (tensors - large);
  for (int64_t i = 0; i < large; ++i)
    sizes[static_cast<size_t>(i)] = rest * (i + 1) / large - rest * i / large;
  return sizes;
}

void measure(const timing::Words& words, int64_t parameters, int64_t tensors) {
  auto p = timing::noise(parameters, 1), g = timing::noise(parameters, 2);
  std::vector<float> m(p.size()), v(p.size());
  std::vector<AdamwSlot> slots;
  std::vector<FloatSpan> gradients;
  int64_t at = 0;
  for (const int64_t n : tensor_sizes(parameters, tensors)) {
    slots.push_back({n, p.data() + at, g.data() + at, m.data() + at, v.data() + at});
    gradients.push_back({g.data() + at, n});
    at += n;
  }
  AdamwStep step{1e-3, 0.9, 0.98, 1e-8, 0.1, 0, 1};
  const int64_t repeat = words.get_number("--repeat", 9);
  const auto times = timing::measure(repeat, [&] {
    ++step.step;
    adamw(step, slots);
  });
  double norm = 0;
  const auto of_norm = timing::measure(repeat, [&] { norm = sum_of_squares(gradients); });
  std::printf(words.has("--json")
                  ? "{\"parameters\": %ld, \"tensors\": %ld, \"ms\": %.2f, \"cpu_ms\": %.2f, "
                    "\"gb_per_s\": %.1f, \"norm_ms\": %.2f, \"squares\": %.6g}\n"
                  : "%ld parameters in %ld tensors: %.2f ms (CPU %.2f), %.1f GB/s, norm %.2f ms, "
                    "sum of squares %.6g\n",
              static_cast<long>(parameters), static_cast<long>(tensors), times.ms, times.cpu_ms,
              28e-6 * static_cast<double>(parameters) / times.ms, of_norm.ms, norm);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) try {
  const timing::Words given(count, words, {"--repeat"}, {"--json"});
  const auto sizes = given.numbers({100000000, 150}, 2);
  for (size_t i = 0; i < sizes.size(); i += 2) measure(given, sizes[i], sizes[i + 1]);
} catch (const Error& error) {
  std::fprintf(stderr, "bench_adamw: %s\n", error.what());
  return 1;
}
