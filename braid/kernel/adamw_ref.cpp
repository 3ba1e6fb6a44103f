#include <cmath>

#include "braid/kernel/adamw.h"

namespace braid {

void adamw_ref(const AdamwStep& step, const AdamwSlot& slot) {
  const auto t = static_cast<double>(step.step);
  const double decay = slot.decays ? step.decay : 0;
  for (int64_t i = 0; i < slot.n; ++i) {
    const double gradient = slot.g[i] * step.scale;
    const double first = step.beta1 * slot.m[i] + (1 - step.beta1) * gradient;
    const double second = step.beta2 * slot.v[i] + (1 - step.beta2) * gradient * gradient;
    const double unbiased1 = first / (1 - std::pow(step.beta1, t));
    const double unbiased2 = second / (1 - std::pow(step.beta2, t));
    const double p = slot.p[i];
    slot.m[i] = static_cast<float>(first);
    slot.v[i] = static_cast<float>(second);
    slot.p[i] = static_cast<float>(
        p - step.lr * (unbiased1 / (std::sqrt(unbiased2) + step.epsilon) + decay * p));
  }
}

double sum_of_squares_ref(std::span<const FloatSpan> parts) {
  double sum = 0;
  for (const auto& part : parts) {
    for (int64_t i = 0; i < part.n; ++i)
      sum += static_cast<double>(part.values[i]) * part.values[i];
  }
  return sum;
}

}  // namespace braid
