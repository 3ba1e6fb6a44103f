// Classifiers on vectors that do not change: what a representation knows already.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

namespace braid {

// Multinomial logistic regression with weights W [D, C], bias b [C]:
//   minimise mean -log softmax(x W + b)_y + l2 / 2 |W|^2
// by L-BFGS from zero (Nocedal, Wright 2006, alg. 7.4 and 7.5, history 10, Armijo steps). The bias
// is not held back. x [N, D] double, y [N] int64 in 0 .. C-1.
struct LinearClassifier {
  at::Tensor weight;                                    // [D, C]
  at::Tensor bias;                                      // [C]
  at::Tensor probabilities(const at::Tensor& x) const;  // [N, C]
};
LinearClassifier fit_linear(const at::Tensor& x, const at::Tensor& y, int64_t classes, double l2);

// Each row's k nearest of `known` [K, D] by cosine vote for their class, with weight exp(cosine /
// t), t = 0.07 (Wu et al. 2018, sec. 3.4). -> [N, C] shares of the votes.
at::Tensor nearest_votes(const at::Tensor& x, const at::Tensor& known, const at::Tensor& labels,
                         int64_t classes, int64_t k);

}  // namespace braid
