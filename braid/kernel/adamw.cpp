#include "braid/kernel/adamw.h"

#include <cmath>

namespace braid {

void adamw(const AdamwStep& step, int64_t n, float* p, const float* g, float* m, float* v) {
  const double correct1 = 1 - std::pow(step.beta1, static_cast<double>(step.step));
  const double correct2 = 1 - std::pow(step.beta2, static_cast<double>(step.step));
  const auto b1 = static_cast<float>(step.beta1), b2 = static_cast<float>(step.beta2);
  const auto rest1 = static_cast<float>(1 - step.beta1), rest2 = static_cast<float>(1 - step.beta2);
  const auto rate = static_cast<float>(step.lr / correct1);
  const auto root = static_cast<float>(1 / std::sqrt(correct2));
  const auto epsilon = static_cast<float>(step.epsilon);
  const auto keep = static_cast<float>(1 - step.lr * step.decay);
  const auto scale = static_cast<float>(step.scale);
#pragma omp parallel for simd schedule(static) if (n > 65536)
  for (int64_t i = 0; i < n; ++i) {
    const float gradient = g[i] * scale;
    m[i] = b1 * m[i] + rest1 * gradient;
    v[i] = b2 * v[i] + rest2 * gradient * gradient;
    p[i] = keep * p[i] - rate * m[i] / (std::sqrt(v[i]) * root + epsilon);
  }
}

}  // namespace braid
