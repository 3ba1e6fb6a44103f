// AdamW, one pass over a parameter (Loshchilov, Hutter 2019, algorithm 2):
//   m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
//   p = p - lr ( m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay p )
#pragma once

#include <cstdint>

namespace braid {

struct AdamwStep {
  double lr;
  double beta1, beta2, epsilon;
  double decay;  // weight decay of this parameter, 0 for norms and biases
  int64_t step;  // t, from 1
  double scale;  // factor on every gradient (clipping)
};

// p, m, v: [n], changed in place; g: [n]. Split over OpenMP threads; the result does not depend on
// them.
void adamw(const AdamwStep& step, int64_t n, float* p, const float* g, float* m, float* v);

// The plain loop in double, and the judge of the above.
void adamw_ref(const AdamwStep& step, int64_t n, float* p, const float* g, float* m, float* v);

}  // namespace braid
