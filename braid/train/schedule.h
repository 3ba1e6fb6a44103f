// Learning rate over a run: linear warm-up, then half a cosine down to a share of the peak.
//   p < w: lr p / w;   else lr (low + (1 - low) (1 + cos(pi (p - w) / (1 - w))) / 2)
// Source: Loshchilov, Hutter 2017 (SGDR, eq. 5, one cycle); warm-up Goyal et al. 2017.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "braid/recipe/recipe.h"

namespace braid {

// `progress` p: share of the run done, 0 .. 1, taken at the end of the step so that the first step
// moves.
inline double learning_rate(const TrainConfig& config, double progress) {
  const double p = std::clamp(progress, 0.0, 1.0);
  if (p < config.warmup) return config.lr * p / config.warmup;
  if (config.warmup >= 1) return config.lr;
  const double cosine =
      0.5 * (1 + std::cos(std::numbers::pi * (p - config.warmup) / (1 - config.warmup)));
  return config.lr * (config.lowest_lr + (1 - config.lowest_lr) * cosine);
}

}  // namespace braid
