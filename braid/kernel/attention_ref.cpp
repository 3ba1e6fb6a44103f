// The judge: plain loops, one row of scores at a time, sums in double.
#include <cmath>
#include <limits>
#include <vector>

#include "braid/kernel/attention_parts.h"

namespace braid {
namespace {

double dot_heads(const float* a, const float* b, int64_t width) {
  double sum = 0;
  for (int64_t c = 0; c < width; ++c) sum += static_cast<double>(a[c]) * b[c];
  return sum;
}

bool is_seen(const AttentionShape& shape, int64_t query, int64_t key, int64_t first_key) {
  if (shape.causal && key > query) return false;
  return !shape.key_mask || shape.key_mask[first_key + key];
}

// Calls body(segment, head, query row, query step, first key row, keys) for every query and head.
template <class Body>
void for_each_query(const AttentionShape& shape, const Body& body) {
  for (int64_t s = 0; s < shape.segments(); ++s) {
    const int64_t first = shape.query_offsets[s], keys = shape.key_offsets[s];
    for (int64_t h = 0; h < shape.heads; ++h) {
      for (int64_t t = 0; t < shape.query_offsets[s + 1] - first; ++t)
        body(h, first + t, t, keys, shape.key_offsets[s + 1] - keys);
    }
  }
}

void clear_rows(const HeadsOut& to, int64_t rows, const AttentionShape& shape) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t h = 0; h < shape.heads; ++h) {
      float* row = to.data + r * to.row + h * to.head;
      for (int64_t c = 0; c < shape.width; ++c) row[c] = 0;
    }
  }
}

}  // namespace

void attention_forward_ref(const AttentionShape& shape, const AttentionForward& call) {
  std::vector<double> scores, sums(static_cast<size_t>(shape.width));
  for_each_query(shape, [&](int64_t h, int64_t row, int64_t t, int64_t first, int64_t keys) {
    const float* q = head_row(call.q, row, h);
    scores.assign(static_cast<size_t>(keys), -std::numeric_limits<double>::infinity());
    double highest = -std::numeric_limits<double>::infinity(), total = 0;
    bool any = false;
    for (int64_t j = 0; j < keys; ++j) {
      if (!is_seen(shape, t, j, first)) continue;
      scores[j] = shape.scale * dot_heads(q, head_row(call.k, first + j, h), shape.width);
      highest = any ? std::max(highest, scores[j]) : scores[j];
      any = true;
    }
    sums.assign(sums.size(), 0);
    for (int64_t j = 0; j < keys; ++j) {
      if (!is_seen(shape, t, j, first)) continue;
      const double weight = std::exp(scores[j] - highest);
      const float* v = head_row(call.v, first + j, h);
      for (int64_t c = 0; c < shape.width; ++c) sums[c] += weight * v[c];
      total += weight;
    }
    float* out = call.out.data + row * call.out.row + h * call.out.head;
    for (int64_t c = 0; c < shape.width; ++c)
      out[c] = any ? static_cast<float>(sums[c] / total) : 0.0f;
    call.lse[h * shape.query_rows() + row] = any ? static_cast<float>(highest + std::log(total))
                                                 : std::numeric_limits<float>::infinity();
  });
}

void attention_backward_ref(const AttentionShape& shape, const AttentionBackward& call) {
  clear_rows(call.d_q, shape.query_rows(), shape);
  clear_rows(call.d_k, shape.key_rows(), shape);
  clear_rows(call.d_v, shape.key_rows(), shape);
  for_each_query(shape, [&](int64_t h, int64_t row, int64_t t, int64_t first, int64_t keys) {
    const float *q = head_row(call.q, row, h), *d_out = head_row(call.d_out, row, h);
    const double lse = call.lse[h * shape.query_rows() + row];
    const double delta = dot_heads(d_out, head_row(call.out, row, h), shape.width);
    float* d_q = call.d_q.data + row * call.d_q.row + h * call.d_q.head;
    for (int64_t j = 0; j < keys; ++j) {
      if (!is_seen(shape, t, j, first)) continue;
      const float *k = head_row(call.k, first + j, h), *v = head_row(call.v, first + j, h);
      float* d_k = call.d_k.data + (first + j) * call.d_k.row + h * call.d_k.head;
      float* d_v = call.d_v.data + (first + j) * call.d_v.row + h * call.d_v.head;
      const double weight = std::exp(shape.scale * dot_heads(q, k, shape.width) - lse);
      const double d_score = shape.scale * weight * (dot_heads(d_out, v, shape.width) - delta);
      for (int64_t c = 0; c < shape.width; ++c) {
        d_q[c] += static_cast<float>(d_score * k[c]);
        d_k[c] += static_cast<float>(d_score * q[c]);
        d_v[c] += static_cast<float>(weight * d_out[c]);
      }
    }
  });
}

}  // namespace braid
