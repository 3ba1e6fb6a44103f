// InfoNCE forward and backward on unit rows (workload W6).
#include "braid/kernel/contrastive.h"
#include "bench/kernels/kernel.h"

namespace braid::bench {
namespace {

std::vector<float> unit_rows(int64_t rows, int64_t width, int64_t seed) {
  auto values = spread(rows * width, seed);
  for (int64_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (int64_t d = 0; d < width; ++d) sum += std::pow(values[r * width + d], 2);
    for (int64_t d = 0; d < width; ++d) values[r * width + d] /= static_cast<float>(std::sqrt(sum));
  }
  return values;
}

void run(benchmark::State& state, ContrastiveVariant variant) {
  const int64_t rows = state.range(0), width = state.range(1);
  const auto a = unit_rows(rows, width, 1), b = unit_rows(rows, width, 2);
  std::vector<float> da(a.size()), db(b.size());
  for (auto _ : state) {
    const ContrastiveInput input{rows, width, a.data(), b.data(), 1 / 0.07f};
    const auto forward = contrastive_forward(input, {variant});
    ContrastiveGradients gradients{da.data(), db.data()};
    contrastive_backward(input, forward, 1, &gradients);
    state.counters["output"] = forward.loss;
  }
  // Of the three products that a stored matrix of scores needs.
  state.counters["gflops"] = giga(6.0 * static_cast<double>(rows * rows * width));
  state.counters["gradient"] = mean_size(da);
  state.counters["peak_mb"] = peak_mb();  // of the process so far
}

}  // namespace

std::vector<Kernel> measured_contrastive() {
  const std::vector<std::string> sizes = {"rows", "width"};
  const auto with = [](ContrastiveVariant variant) {
    return [variant](benchmark::State& state) { run(state, variant); };
  };
  return {{"contrastive", sizes, {{256, 512}, {4096, 512}}, with(ContrastiveVariant::kAuto)},
          {"contrastive_fused", sizes, {{4096, 512}}, with(ContrastiveVariant::kFused)},
          {"contrastive_tiled", sizes, {{4096, 512}}, with(ContrastiveVariant::kTiled)}};
}

}  // namespace braid::bench
