#include "braid/engine/doctor.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/types.h>
#include <torch/version.h>

#include "braid/block/device.h"
#include "braid/core/machine.h"
#include "braid/core/text.h"
#include "braid/engine/start.h"
#include "braid/kernel/matmul.h"
#include "braid/version.h"

namespace braid {
namespace {

constexpr int64_t kSide = 768;  // of the matrices that are timed

// Billions of floating-point operations a second, the best of a few tries.
double gflops(const std::function<void()>& product) {
  using Clock = std::chrono::steady_clock;
  double best_s = 1e9;
  product();
  for (int i = 0; i < 10; ++i) {
    const auto begin = Clock::now();
    product();
    best_s = std::min(best_s, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return 2.0 * kSide * kSide * kSide / best_s / 1e9;
}

std::string speed_text(double speed) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f Gflop/s", speed);
  return text;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "(not set)";
}

void measure_products(Diagnosis* diagnosis) {
  const auto a = at::randn({kSide, kSide}), b = at::randn({kSide, kSide});
  auto c = at::empty({kSide, kSide});
  const double blas = gflops([&] { at::mm_out(c, a, b); });
  const double ours = gflops([&] {
    matmul({1, kSide, kSide, kSide}, {a.data_ptr<float>(), kSide}, {b.data_ptr<float>(), kSide},
           nullptr, {c.data_ptr<float>(), kSide});
  });
  diagnosis->facts.emplace_back("BLAS product", speed_text(blas));
  diagnosis->facts.emplace_back("oneDNN product", speed_text(ours));
  if (blas < 0.5 * ours) {
    diagnosis->warnings.push_back(
        "the BLAS reaches " + speed_text(blas) + " where oneDNN reaches " + speed_text(ours) +
        ": it misdetects this CPU or knows no better kernel for it (OPENBLAS_CORETYPE is " +
        environment("OPENBLAS_CORETYPE") +
        "; SkylakeX suits AVX-512, Haswell AVX2). braid's own products go through oneDNN");
  }
}

}  // namespace

Diagnosis diagnose() {
  start_tensors();
  const auto machine = this_machine();
  Diagnosis diagnosis;
  diagnosis.facts = {
      {"braid", BRAID_VERSION},
      {"libtorch", TORCH_VERSION},
      {"devices", join(devices(), ", ") + (libtorch_has_cuda() ? "" : " (libtorch has no CUDA)")},
      {"CPU", machine.cpu},
      {"memory", std::to_string(machine.memory_mb) + " MB"},
      {"threads",
       std::to_string(at::get_num_threads()) + " (set by braid; BRAID_THREADS changes it)"},
      {"instruction set", machine.capability},
      {"ATEN_CPU_CAPABILITY", environment("ATEN_CPU_CAPABILITY")},
      {"OPENBLAS_CORETYPE", environment("OPENBLAS_CORETYPE")}};
  measure_products(&diagnosis);
  if (machine.capability == "default") {
    diagnosis.warnings.push_back(
        "this CPU has no AVX2: training will be many times slower than it could be");
  }
  if (machine.memory_mb < 4096)
    diagnosis.warnings.push_back("less than 4 GB of memory: lower train.batch and train.cache_mb");
  return diagnosis;
}

}  // namespace braid
