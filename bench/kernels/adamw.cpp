// One AdamW step (workload W7), and the norm of all gradients.
#include "braid/kernel/adamw.h"
#include "bench/kernels/kernel.h"

namespace braid::bench {
namespace {

struct Parameters {
  explicit Parameters(const benchmark::State& state)
      : p(spread(state.range(0), 1)), g(spread(state.range(0), 2)), m(p.size()), v(p.size()) {
    const int64_t count = state.range(0), tensors = state.range(1);
    for (int64_t i = 0; i < tensors; ++i) {
      const int64_t at = count * i / tensors, n = count * (i + 1) / tensors - at;
      slots.push_back({n, p.data() + at, g.data() + at, m.data() + at, v.data() + at});
      gradients.push_back({g.data() + at, n});
    }
  }
  std::vector<float> p, g, m, v;
  std::vector<AdamwSlot> slots;
  std::vector<FloatSpan> gradients;
};

void run_step(benchmark::State& state) {
  Parameters parameters(state);
  AdamwStep step{1e-4, 0.9, 0.999, 1e-8, 0.1, 0, 1};
  const auto next = [&] {
    ++step.step;
    adamw(step, parameters.slots);
  };
  next();
  state.counters["output"] = mean_size(parameters.p);  // after one step
  for (auto _ : state) next();
  // Read and write three, read the gradient.
  state.counters["gb_per_s"] = giga(7.0 * sizeof(float) * static_cast<double>(state.range(0)));
}

void run_norm(benchmark::State& state) {
  Parameters parameters(state);
  for (auto _ : state) benchmark::DoNotOptimize(sum_of_squares(parameters.gradients));
  state.counters["gb_per_s"] = giga(sizeof(float) * static_cast<double>(state.range(0)));
}

}  // namespace

std::vector<Kernel> measured_adamw() {
  const std::vector<std::string> sizes = {"parameters", "tensors"};
  return {{"adamw", sizes, {{10'000'000, 150}}, run_step},
          {"gradient_norm", sizes, {{10'000'000, 150}}, run_norm}};
}

}  // namespace braid::bench
