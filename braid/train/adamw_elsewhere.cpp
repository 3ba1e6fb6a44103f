#include "braid/train/adamw_elsewhere.h"

#include <cmath>

namespace braid {

void adamw_elsewhere(const AdamwStep& step, at::Tensor parameter, const at::Tensor& gradient,
                     at::Tensor first, at::Tensor second) {
  const auto t = static_cast<double>(step.step);
  const double correct1 = 1 - std::pow(step.beta1, t);
  const double root = 1 / std::sqrt(1 - std::pow(step.beta2, t));
  const auto scaled = step.scale == 1 ? gradient : gradient * step.scale;
  first.lerp_(scaled, 1 - step.beta1);
  second.mul_(step.beta2).addcmul_(scaled, scaled, 1 - step.beta2);
  parameter.mul_(1 - step.lr * step.decay)
      .addcdiv_(first, second.sqrt().mul_(root).add_(step.epsilon), -step.lr / correct1);
}

}  // namespace braid
