// The three products of a linear layer (forward, gradient of x, gradient of w) in each way of
// oneDNN.
//
//   bench_matmul [--json] [--repeat N] [ROWS IN OUT]...
//
// Measured in turn; figures are Gflop/s, of medians.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "bench/timing.h"
#include "braid/kernel/dnnl_product.h"

namespace {

using namespace braid;

struct Product {
  const char* name;
  MatmulShape shape;
  bool a_turned, b_turned;
};

struct Way {
  const char* name;
  DnnlWay way;
};

double rate(const Product& p, DnnlWay way, int64_t repeat) {
  const auto& s = p.shape;
  const auto a = timing::noise(s.m * s.k, 1), b = timing::noise(s.k * s.n, 2);
  std::vector<float> c(static_cast<size_t>(s.m * s.n));
  const auto view = [](const std::vector<float>& x, int64_t rows, int64_t columns, bool turned) {
    return turned ? MatrixIn{x.data(), 1, rows, rows * columns}
                  : MatrixIn{x.data(), columns, 1, rows * columns};
  };
  const auto times = timing::measure(repeat, [&] {
    run_dnnl(way, s, view(a, s.m, s.k, p.a_turned), view(b, s.k, s.n, p.b_turned), nullptr,
             {c.data(), s.n, s.m * s.n});
  });
  return 2e-6 * static_cast<double>(s.m * s.k * s.n) / times.ms;
}

void run(int count, char** words) {
  const timing::Words asked(count, words, {"--repeat"}, {"--json"});
  // Text and picture towers of width 192 at batch 256, 384 at 64, 768 at 32.
  const auto sizes = asked.numbers({16640, 192, 768, 12608, 384, 1536, 1600, 768, 3072}, 3);
  std::vector<Way> ways = {
      {"sgemm", DnnlWay::kSgemm}, {"plain", DnnlWay::kPlain}, {"packed", DnnlWay::kPackedB}};
  if (has_bf16()) ways.push_back({"bf16", DnnlWay::kBf16});
  nlohmann::json all = nlohmann::json::array();
  for (size_t i = 0; i < sizes.size(); i += 3) {
    const int64_t rows = sizes[i], in = sizes[i + 1], out = sizes[i + 2];
    for (const Product& p : {Product{"forward", {1, rows, in, out}, false, true},
                             Product{"dx", {1, rows, out, in}, false, false},
                             Product{"dw", {1, out, rows, in}, true, false}}) {
      nlohmann::json line = {{"product", p.name}, {"rows", rows}, {"in", in}, {"out", out}};
      for (const auto& [name, way] : ways)
        line["gflops"][name] = rate(p, way, asked.get_number("--repeat", 9));
      if (!asked.has("--json")) std::printf("%s\n", line.dump().c_str());
      all.push_back(line);
    }
  }
  if (asked.has("--json")) std::printf("%s\n", all.dump().c_str());
}

}  // namespace

int main(int count, char** words) {
  try {
    run(count, words);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "bench_matmul: %s\n", problem.what());
    return 2;
  }
}
