// How two sets of embeddings lie to each other.
//   gap         |mean(a) - mean(b)|                      Liang et al. 2022, section 2
//   alignment   mean_i |a_i - b_i|^2                     Wang, Isola 2020, eq. 3, alpha 2
//   uniformity  log mean_{i<j} exp(-2 |x_i - x_j|^2)     the same, eq. 4, t 2
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "braid/core/error.h"
#include "braid/core/parallel.h"
#include "braid/metric/metric.h"
#include "braid/metric/rows.h"
#include "braid/metric/score_tile.h"

namespace braid {
namespace {

std::vector<double> mean_row(std::span<const float> values, int64_t width) {
  std::vector<double> mean(static_cast<size_t>(width));
  for (size_t i = 0; i < values.size(); ++i) mean[i % mean.size()] += values[i];
  for (double& m : mean) m *= static_cast<double>(width) / static_cast<double>(values.size());
  return mean;
}

}  // namespace

double modality_gap(const Array& a, const Array& b) {
  const auto rows_a = finite_rows(a, "first set");
  const auto rows_b = finite_rows(b, "second set");
  check_same_width(a, b);
  const auto mean_a = mean_row(rows_a, a.size(1));
  const auto mean_b = mean_row(rows_b, b.size(1));
  double square = 0;
  for (size_t d = 0; d < mean_a.size(); ++d) square += std::pow(mean_a[d] - mean_b[d], 2);
  return std::sqrt(square);
}

double alignment_distance(const Array& a, const Array& b) {
  const auto rows_a = finite_rows(a, "first set");
  const auto rows_b = finite_rows(b, "second set");
  if (a.shape() != b.shape()) {
    throw Error(ErrorCode::kShape, "alignment distance: expected pairs, got " +
                                       shape_text(a.shape()) + " and " + shape_text(b.shape()));
  }
  double square = 0;
  for (size_t i = 0; i < rows_a.size(); ++i) {
    const double difference = static_cast<double>(rows_a[i]) - rows_b[i];
    square += difference * difference;
  }
  return square / static_cast<double>(a.size(0));
}

double uniformity(const Array& x, int64_t threads) {
  const auto rows = finite_rows(x, "set");
  const int64_t count = x.size(0);
  if (count < 2) {
    throw Error(ErrorCode::kInput,
                "uniformity: expected at least 2 rows, got " + std::to_string(count));
  }
  // |x_i - x_j|^2 = 2 - 2 <x_i, x_j> for unit rows. Each pair once, none with itself: a part of
  // rows meets those from its own first one on.
  constexpr int64_t kPart = 128;
  const int64_t parts = (count + kPart - 1) / kPart, width = x.size(1);
  std::vector<double> sums(static_cast<size_t>(parts));  // added in order, whatever the threads
  parallel_for(parts, threads, [&](int64_t part) {
    const int64_t begin = part * kPart, end = std::min(count, begin + kPart);
    const auto from = rows.subspan(static_cast<size_t>(begin * width));
    double& sum = sums[static_cast<size_t>(part)];
    score_tile::for_each(from, 0, end - begin, from, width,
                         [&](int64_t row, int64_t first, std::span<const float> scores) {
                           for (size_t c = 0; c < scores.size(); ++c) {
                             if (first + static_cast<int64_t>(c) > row)
                               sum += std::exp(-4.0 + 4.0 * static_cast<double>(scores[c]));
                           }
                         });
  });
  const double sum = std::accumulate(sums.begin(), sums.end(), 0.0);
  return std::log(sum / (0.5 * static_cast<double>(count) * static_cast<double>(count - 1)));
}

}  // namespace braid
