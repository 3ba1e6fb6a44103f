// Sums over rows in a fixed order: rows are cut into strips by their number alone, threads take
// strips, and the strips' sums are added one after another.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace braid {

inline int64_t strip_count(int64_t rows) {
  constexpr int64_t kMostStrips = 64, kFewestRows = 16;
  return std::clamp<int64_t>(rows / kFewestRows, 1, kMostStrips);
}

// visit(strip, begin, end) for rows [begin, end) of each strip; many threads.
template <class Visit>
void for_strips(int64_t rows, const Visit& visit) {
  const int64_t strips = strip_count(rows);
#pragma omp parallel for schedule(static)
  for (int64_t s = 0; s < strips; ++s) visit(s, rows * s / strips, rows * (s + 1) / strips);
}

// fill(begin, end, sums) adds rows [begin, end) to `sums` [width], zero at first, and may do other
// work on them. total [width] is overwritten.
template <class Fill>
void sum_strips(int64_t rows, int64_t width, float* total, const Fill& fill) {
  const int64_t strips = strip_count(rows);
  std::vector<float> sums(static_cast<size_t>(strips * width));
  for_strips(rows, [&](int64_t s, int64_t begin, int64_t end) {
    fill(begin, end, sums.data() + s * width);
  });
  std::copy_n(sums.data(), width, total);
  for (int64_t s = 1; s < strips; ++s) {
    for (int64_t c = 0; c < width; ++c) total[c] += sums[static_cast<size_t>(s * width + c)];
  }
}

}  // namespace braid
