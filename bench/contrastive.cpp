// InfoNCE forward + backward on unit rows (workload W6).
//
//   bench_contrastive [--json] [--variant auto|fused|tiled] [--repeat 5] [--tile 1024]
//                     [ROWS WIDTH]...                               default: 4096 512
//
// Threads: OMP_NUM_THREADS. Per size one line, with --json one object a line: medians of
// milliseconds (wall and, of all threads, CPU), GF/s of wall time counting the three products a
// stored matrix needs, the peak memory of the process so far, loss.
#include <cmath>
#include <cstdio>

#include "braid/kernel/contrastive.h"
#include "timing.h"

namespace {

using namespace braid;

std::vector<float> unit_rows(int64_t rows, int64_t width, uint64_t seed) {
  auto values = timing::noise(rows * width, seed);
  for (int64_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (int64_t d = 0; d < width; ++d) sum += std::pow(values[r * width + d], 2);
    for (int64_t d = 0; d < width; ++d) values[r * width + d] /= static_cast<float>(std::sqrt(sum));
  }
  return values;
}

ContrastiveVariant variant_named(const std::string& name) {
  if (name == "auto") return ContrastiveVariant::kAuto;
  if (name == "fused") return ContrastiveVariant::kFused;
  if (name == "tiled") return ContrastiveVariant::kTiled;
  throw Error(ErrorCode::kUsage, "--variant: expected auto, fused or tiled, got '" + name + "'");
}

void measure(const timing::Words& words, int64_t rows, int64_t width) {
  const auto name = words.get("--variant", "auto");
  const ContrastiveOptions options{variant_named(name), words.get_number("--tile", 1024)};
  const auto a = unit_rows(rows, width, 1), b = unit_rows(rows, width, 2);
  std::vector<float> da(a.size()), db(b.size());
  double loss = 0;
  const auto times = timing::measure(words.get_number("--repeat", 5), [&] {
    const ContrastiveInput input{rows, width, a.data(), b.data(), 1 / 0.07f};
    const auto forward = contrastive_forward(input, options);
    ContrastiveGradients gradients{da.data(), db.data()};
    contrastive_backward(input, forward, 1, &gradients);
    loss = forward.loss;
  });
  const double rate = 6e-6 * static_cast<double>(rows * rows * width) / times.ms;
  std::printf(words.has("--json")
                  ? "{\"rows\": %ld, \"width\": %ld, \"variant\": \"%s\", \"ms\": %.2f, "
                    "\"cpu_ms\": %.2f, \"gflops\": %.1f, \"peak_mb\": %.0f, \"loss\": %.6f}\n"
                  : "%ld x %ld, %s: %.2f ms (CPU %.2f), %.1f GF/s, peak %.0f MB, loss %.6f\n",
              static_cast<long>(rows), static_cast<long>(width), name.c_str(), times.ms,
              times.cpu_ms, rate, timing::peak_mb(), loss);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) try {
  const timing::Words given(count, words, {"--variant", "--repeat", "--tile"}, {"--json"});
  const auto sizes = given.numbers({4096, 512}, 2);
  for (size_t i = 0; i < sizes.size(); i += 2) measure(given, sizes[i], sizes[i + 1]);
} catch (const Error& error) {
  std::fprintf(stderr, "bench_contrastive: %s\n", error.what());
  return 1;
}
