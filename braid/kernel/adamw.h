// AdamW, one pass over all parameters (Loshchilov, Hutter 2019, algorithm 2):
//   m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
//   p = p - lr ( m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay p )
#pragma once

#include <cstdint>
#include <span>

namespace braid {

struct AdamwStep {
  double lr;
  double beta1, beta2, epsilon;
  double decay;  // weight decay, 0 for norms and biases
  int64_t step;  // t, from 1
  double scale;  // factor on every gradient (clipping)
};

// A parameter: p, m, v [n], changed in place; g [n]. `decays`: whether the step's decay is for it.
struct AdamwSlot {
  int64_t n;
  float* p;
  const float* g;
  float* m;
  float* v;
  bool decays = true;
};

// All slots in one parallel region: OpenMP threads share large ones and take many small ones each.
// The result does not depend on them.
void adamw(const AdamwStep& step, std::span<const AdamwSlot> slots);
// The plain loop in double, and the judge of the above.
void adamw_ref(const AdamwStep& step, const AdamwSlot& slot);

struct FloatSpan {
  const float* values;
  int64_t n;
};
// Sum of the squares of all values, in double and in an order that threads do not change.
double sum_of_squares(std::span<const FloatSpan> parts);
double sum_of_squares_ref(std::span<const FloatSpan> parts);

// What one thread takes; adamw_simd.cpp.
struct AdamwFactors {
  float beta1, rest1, beta2, rest2, rate, root, epsilon, scale;
};
void adamw_part(const AdamwFactors& factors, float keep, const AdamwSlot& slot);
double sum_of_squares_part(const float* values, int64_t n);

}  // namespace braid
