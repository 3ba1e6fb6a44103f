// Kernels that pass over rows: LayerNorm, GELU, search.
#include "bench/kernels/kernel.h"
#include "braid/kernel/activation.h"
#include "braid/kernel/norm.h"
#include "braid/kernel/topk.h"

namespace braid::bench {
namespace {

double bytes(int64_t floats) { return sizeof(float) * static_cast<double>(floats); }

void run_norm(benchmark::State& state) {
  const int64_t rows = state.range(0), width = state.range(1);
  const auto x = spread(rows * width, 1), w = spread(width, 2), dy = spread(rows * width, 3);
  std::vector<float> y(x.size()), dx(x.size()), mean(rows), scale(rows), dwb(2 * width);
  for (auto _ : state) {
    norm_forward(rows, width,
                 {x.data(), w.data(), w.data(), 1e-5, y.data(), mean.data(), scale.data()});
    norm_backward(
        rows, width,
        {x.data(), w.data(), mean.data(), scale.data(), dy.data(), dx.data(), dwb.data()});
  }
  state.counters["gb_per_s"] = giga(bytes(5 * rows * width));
}

void run_gelu(benchmark::State& state) {
  const int64_t rows = state.range(0), width = state.range(1);
  const auto x = spread(rows * width, 1), dy = spread(rows * width, 2);
  std::vector<float> y(x.size()), dx(x.size()), db(width);
  for (auto _ : state) {
    gelu_forward(rows * width, x.data(), y.data());
    gelu_backward(rows, width, {x.data(), dy.data(), dx.data(), y.data(), db.data()});
  }
  state.counters["gb_per_s"] = giga(bytes(6 * rows * width));
}

void run_topk(benchmark::State& state) {
  const int64_t count = state.range(0), width = state.range(1);
  const auto rows = spread(count * width, 1), query = spread(width, 2);
  for (auto _ : state)
    benchmark::DoNotOptimize(topk(query.data(), 1, {rows.data(), count, width}, 10));
  state.counters["gb_per_s"] = giga(bytes(count * width));
}

}  // namespace

std::vector<Kernel> measured_rows() {
  const std::vector<std::string> sizes = {"rows", "width"};
  return {{"norm", sizes, {{16640, 192}, {1600, 768}}, run_norm},
          {"gelu", sizes, {{16640, 768}, {1600, 3072}}, run_gelu},
          {"topk", sizes, {{100'000, 256}}, run_topk}};
}

}  // namespace braid::bench
