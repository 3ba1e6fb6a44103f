// The three products of a linear layer, in each way of oneDNN and in the one that our rule picks.
#include "bench/kernels/kernel.h"
#include "braid/kernel/dnnl_product.h"

namespace braid::bench {
namespace {

struct Product {
  const char* name;
  bool a_turned, b_turned;
  std::function<MatmulShape(int64_t rows, int64_t in, int64_t out)> shape;
};

struct Way {
  const char* name;
  MatmulFunction run;
};

template <DnnlWay way>
void run_way(const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b, const float* bias,
             const MatrixOut& c, Precision) {
  run_dnnl(way, shape, a, b, bias, c);
}

MatrixIn view(const std::vector<float>& x, int64_t rows, int64_t columns, bool turned) {
  return turned ? MatrixIn{x.data(), 1, rows, rows * columns}
                : MatrixIn{x.data(), columns, 1, rows * columns};
}

void run(benchmark::State& state, const Product& product, const Way& way) {
  const auto s = product.shape(state.range(0), state.range(1), state.range(2));
  const auto a = spread(s.m * s.k, 1), b = spread(s.k * s.n, 2);
  std::vector<float> c(static_cast<size_t>(s.m * s.n));
  for (auto _ : state) {
    way.run(s, view(a, s.m, s.k, product.a_turned), view(b, s.k, s.n, product.b_turned), nullptr,
            {c.data(), s.n, s.m * s.n}, Precision::kFp32);
  }
  state.counters["gflops"] = giga(2.0 * static_cast<double>(s.m * s.k * s.n));
}

}  // namespace

std::vector<Kernel> measured_linear() {
  using Shape = MatmulShape;
  const std::vector<Product> products = {
      {"forward", false, true,
       [](int64_t n, int64_t in, int64_t out) {
         return Shape{1, n, in, out};
       }},
      {"dx", false, false,
       [](int64_t n, int64_t in, int64_t out) {
         return Shape{1, n, out, in};
       }},
      {"dw", true, false, [](int64_t n, int64_t in, int64_t out) {
         return Shape{1, out, n, in};
       }}};
  std::vector<Way> ways = {{"", matmul},
                           {"_sgemm", run_way<DnnlWay::kSgemm>},
                           {"_plain", run_way<DnnlWay::kPlain>},
                           {"_packed", run_way<DnnlWay::kPackedB>}};
  if (has_bf16()) ways.push_back({"_bf16", run_way<DnnlWay::kBf16>});
  std::vector<Kernel> kernels;
  for (const auto& product : products) {
    for (const auto& way : ways) {
      kernels.push_back({std::string("linear_") + product.name + way.name,
                         {"rows", "in", "out"},
                         // Towers of width 192 at batch 256, 384 at 64, 768 at 32.
                         {{16640, 192, 768}, {12608, 384, 1536}, {1600, 768, 3072}},
                         [=](benchmark::State& state) { run(state, product, way); }});
    }
  }
  return kernels;
}

}  // namespace braid::bench
