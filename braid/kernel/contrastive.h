// InfoNCE over a batch of pairs, symmetric, forward and backward, without a graph of B x B tensors:
//
//   s_ij = scale a_i . b_j
//   L = 1/(2B) sum_i [ log sum_j exp s_ij - s_ii + log sum_j exp s_ji - s_ii ]
//   dL/ds_ij = 1/(2B) [ exp(s_ij - row_i) + exp(s_ij - column_j) ] - 1/B [i = j]
//
// with row and column the two log-sums. Both passes walk the same tiles of s. Backward finds the
// first of them as forward kept them, as many as may be kept, and computes the others again: beside
// those kept, memory is linear in B. Sums over tiles are online: a running maximum and the sum
// relative to it (Milakov, Gimelshein 2018). Free of torch.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace braid {

struct ContrastiveInput {
  int64_t rows = 0, width = 0;  // B, D
  const float* a = nullptr;     // [B, D]
  const float* b = nullptr;     // [B, D]
  float scale = 1;
  // [B, columns] or null: rows i != j that agree in some column leave each other's sums.
  const int64_t* identity = nullptr;
  int64_t columns = 0;
};

struct ContrastiveOptions {
  int64_t kept_scores = 192 << 20;  // at most, 768 MiB: all of a batch of up to 13 thousand
  int64_t largest_tile = 1024;
};

// What forward found, and what backward needs of it.
struct ContrastiveForward {
  double loss = 0;      // nats, mean over rows
  double accuracy = 0;  // share of rows and columns whose first largest score is their partner's
  std::vector<float> row_log_sums, column_log_sums;  // [B]
  int64_t tile = 0;
  int64_t kept = 0;                 // tiles
  std::unique_ptr<float[]> scores;  // of them, one after another
};

struct ContrastiveGradients {
  float* a = nullptr;  // [B, D], overwritten
  float* b = nullptr;  // [B, D], overwritten
  double scale = 0;
};

// Many threads: OpenMP, and oneDNN's for the products. Same bytes for the same thread count.
// Throws Error(kShape) for fewer than one row or column, and as matmul does.
ContrastiveForward contrastive_forward(const ContrastiveInput& input,
                                       const ContrastiveOptions& options = {});

// Gradients of factor * L. `input` and `forward` as they were.
void contrastive_backward(const ContrastiveInput& input, const ContrastiveForward& forward,
                          double factor, ContrastiveGradients* gradients);

// Plain loops in double, the judge of both: loss, accuracy and gradients of L.
struct ContrastiveRef {
  double loss, accuracy;
  std::vector<double> a, b;
  double scale;
};
ContrastiveRef contrastive_ref(const ContrastiveInput& input);

// One row of a tile at a time, for the kernel; contrastive_simd.cpp.
inline constexpr float kNeverScore = -1e37f;  // in place of minus infinity, which has no difference
// The largest of `row`; column_max[j] = max(column_max[j], row[j]).
float contrastive_max(const float* row, int64_t n, float* column_max);
// Sum of exp(row[j] - row_max); column_sum[j] += exp(row[j] - column_max[j]).
float contrastive_sum(const float* row, int64_t n, float row_max, const float* column_max,
                      float* column_sum);
// out[j] = weight (exp(row[j] - row_log_sum) + exp(row[j] - column_log_sum[j]))
void contrastive_slope(const float* row, int64_t n, float row_log_sum, const float* column_log_sum,
                       float weight, float* out);

}  // namespace braid
