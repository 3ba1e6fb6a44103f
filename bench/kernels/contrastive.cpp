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

void run(benchmark::State& state, int64_t kept_scores) {
  const int64_t rows = state.range(0), width = state.range(1);
  const auto a = unit_rows(rows, width, 1), b = unit_rows(rows, width, 2);
  std::vector<float> da(a.size()), db(b.size());
  for (auto _ : state) {
    const ContrastiveInput input{rows, width, a.data(), b.data(), 1 / 0.07f};
    const auto forward = contrastive_forward(input, {kept_scores});
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
  const auto with = [](int64_t kept_scores) {
    return [kept_scores](benchmark::State& state) { run(state, kept_scores); };
  };
  return {{"contrastive", sizes, {{256, 512}, {4096, 512}}, with(ContrastiveOptions().kept_scores)},
          {"contrastive_all_kept", sizes, {{4096, 512}}, with(INT64_MAX)},
          {"contrastive_none_kept", sizes, {{4096, 512}}, with(0)}};
}

}  // namespace braid::bench
