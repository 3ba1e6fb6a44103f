#include <algorithm>
#include <cmath>
#include <limits>

#include "braid/kernel/contrastive.h"

namespace braid {
namespace {

// s [B, B]; pairs that are no negatives are -inf.
std::vector<double> all_scores(const ContrastiveInput& in) {
  std::vector<double> s(static_cast<size_t>(in.rows * in.rows));
  for (int64_t i = 0; i < in.rows; ++i) {
    for (int64_t j = 0; j < in.rows; ++j) {
      double sum = 0;
      for (int64_t d = 0; d < in.width; ++d)
        sum += static_cast<double>(in.a[i * in.width + d]) * in.b[j * in.width + d];
      bool equal = false;
      for (int64_t c = 0; in.identity && i != j && c < in.columns; ++c)
        equal |= in.identity[i * in.columns + c] == in.identity[j * in.columns + c];
      s[static_cast<size_t>(i * in.rows + j)] =
          equal ? -std::numeric_limits<double>::infinity() : sum * in.scale;
    }
  }
  return s;
}

// Row `i` of s or, with the two steps exchanged, of its transpose.
struct Line {
  double log_sum;
  bool wins;
};
Line judge_line(const double* s, int64_t n, int64_t step, int64_t i) {
  double most = s[0], sum = 0;
  int64_t best = 0;
  for (int64_t j = 1; j < n; ++j) {
    if (s[j * step] > most) most = s[j * step], best = j;
  }
  for (int64_t j = 0; j < n; ++j) sum += std::exp(s[j * step] - most);
  return {most + std::log(sum), best == i};
}

}  // namespace

ContrastiveRef contrastive_ref(const ContrastiveInput& in) {
  const int64_t n = in.rows, width = in.width;
  const auto s = all_scores(in);
  ContrastiveRef out{0, 0, std::vector<double>(static_cast<size_t>(n * width)),
                     std::vector<double>(static_cast<size_t>(n * width)), 0};
  std::vector<Line> rows, columns;
  for (int64_t i = 0; i < n; ++i) {
    rows.push_back(judge_line(s.data() + i * n, n, 1, i));
    columns.push_back(judge_line(s.data() + i, n, n, i));
    const double half = 0.5 / static_cast<double>(n);
    out.loss += half * (rows.back().log_sum + columns.back().log_sum) -
                2 * half * s[static_cast<size_t>(i * n + i)];
    out.accuracy += half * (rows.back().wins + columns.back().wins);
  }
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      const double score = s[static_cast<size_t>(i * n + j)];
      if (std::isinf(score)) continue;
      const double slope =
          (std::exp(score - rows[static_cast<size_t>(i)].log_sum) +
           std::exp(score - columns[static_cast<size_t>(j)].log_sum) - (i == j ? 2 : 0)) /
          (2 * static_cast<double>(n));
      for (int64_t d = 0; d < width; ++d) {
        const double a = in.a[i * width + d], b = in.b[j * width + d];
        out.a[static_cast<size_t>(i * width + d)] += slope * in.scale * b;
        out.b[static_cast<size_t>(j * width + d)] += slope * in.scale * a;
        out.scale += slope * a * b;
      }
    }
  }
  return out;
}

}  // namespace braid
