#include <cmath>

#include "braid/kernel/adamw.h"

namespace braid {

void adamw_ref(const AdamwStep& step, int64_t n, float* p, const float* g, float* m, float* v) {
  const auto t = static_cast<double>(step.step);
  for (int64_t i = 0; i < n; ++i) {
    const double gradient = g[i] * step.scale;
    const double first = step.beta1 * m[i] + (1 - step.beta1) * gradient;
    const double second = step.beta2 * v[i] + (1 - step.beta2) * gradient * gradient;
    const double unbiased1 = first / (1 - std::pow(step.beta1, t));
    const double unbiased2 = second / (1 - std::pow(step.beta2, t));
    m[i] = static_cast<float>(first);
    v[i] = static_cast<float>(second);
    p[i] = static_cast<float>(
        p[i] - step.lr * (unbiased1 / (std::sqrt(unbiased2) + step.epsilon) + step.decay * p[i]));
  }
}

}  // namespace braid
