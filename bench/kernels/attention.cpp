// Attention, q, k, v read from one projection [N, 3 D] (workload W5).
#include "braid/kernel/attention.h"
#include "bench/kernels/kernel.h"

namespace braid::bench {
namespace {

// Operands as a transformer block holds them.
struct Block {
  explicit Block(const benchmark::State& state)
      : batch(state.range(0)), heads(state.range(1)), steps(state.range(2)), width(state.range(3)) {
    for (int64_t i = 0; i <= batch; ++i) offsets.push_back(i * steps);
    x = spread(rows() * 3 * row(), 1), d_out = spread(rows() * row(), 2);
    out.resize(d_out.size()), dx.resize(x.size());
    lse.resize(static_cast<size_t>(rows() * heads));
  }

  int64_t rows() const { return batch * steps; }
  int64_t row() const { return heads * width; }
  AttentionShape shape() const {
    return {offsets, offsets, heads, width, 1 / std::sqrt(static_cast<float>(width))};
  }
  HeadsIn in(int64_t i) const { return {x.data() + i * row(), 3 * row(), width}; }
  HeadsOut to(int64_t i) { return {dx.data() + i * row(), 3 * row(), width}; }

  void forward() {
    attention_forward(shape(), {in(0), in(1), in(2), {out.data(), row(), width}, lse.data()});
  }
  void backward() {
    attention_backward(shape(), {in(0),
                                 in(1),
                                 in(2),
                                 {out.data(), row(), width},
                                 {d_out.data(), row(), width},
                                 lse.data(),
                                 to(0),
                                 to(1),
                                 to(2)});
  }

  int64_t batch, heads, steps, width;
  std::vector<int64_t> offsets;
  std::vector<float> x, d_out, out, dx, lse;
};

void run_both(benchmark::State& state) {
  Block block(state);
  for (auto _ : state) block.forward(), block.backward();
  state.counters["gflops"] = giga(attention_flops(block.shape(), true));
  state.counters["peak_mb"] = peak_mb();  // of the process so far
  state.counters["output"] = mean_size(block.out);
  state.counters["gradient"] = mean_size(block.dx);
}

void run_forward(benchmark::State& state) {
  Block block(state);
  for (auto _ : state) block.forward();
  state.counters["gflops"] = giga(attention_flops(block.shape(), false));
}

}  // namespace

std::vector<Kernel> measured_attention() {
  const std::vector<std::string> sizes = {"batch", "heads", "steps", "width"};
  return {{"attention", sizes, {{64, 8, 197, 64}, {64, 3, 65, 64}, {32, 12, 50, 64}}, run_both},
          {"attention_forward", sizes, {{64, 8, 197, 64}}, run_forward}};
}

}  // namespace braid::bench
