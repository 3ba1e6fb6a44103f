// The mean of the vectors of a text's tokens, with dropout of their values, and its gradient:
//
//   pooled[b, d] = 1 / max(1, n_b) * sum over real t of keep(b, t, d) / (1 - p) * table[id[b, t],
//   d]
//
// n_b counts the real tokens of text b. Padding costs nothing, and the [B, T, D] of token vectors
// is never made. keep() is drawn from the key by position, so the gradient draws it again.
#pragma once

#include <cstdint>

namespace braid {

struct TokenBag {
  int64_t texts = 0;             // B
  int64_t steps = 0;             // T
  int64_t width = 0;             // D
  const int64_t* ids = nullptr;  // [B, T]
  const bool* real = nullptr;    // [B, T]
  double dropout = 0;            // p, in steps of 2^-16
  uint64_t key = 0;              // of the draws
};

// ids of real tokens must be rows of table [V, D]. pooled [B, D]. Split over OpenMP threads; the
// result does not depend on them.
void token_bag_forward(const TokenBag& bag, const float* table, float* pooled);

// Adds the gradient to d_table [V, D].
void token_bag_backward(const TokenBag& bag, const float* d_pooled, float* d_table);

// The plain loops, summed in double: what the above are tested against.
void token_bag_forward_ref(const TokenBag& bag, const float* table, float* pooled);
void token_bag_backward_ref(const TokenBag& bag, const float* d_pooled, float* d_table);

}  // namespace braid
