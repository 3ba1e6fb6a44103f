#include "braid/kernel/contrastive.h"

#include <algorithm>
#include <cmath>

#include "braid/core/error.h"
#include "braid/kernel/equal_rows.h"
#include "braid/kernel/matmul.h"
#include "braid/kernel/small_work.h"

namespace braid {
namespace {

constexpr int64_t kStrip = 32;  // rows of a tile that one thread takes at a time

// A logarithm of a sum of exponentials, taken part by part.
struct OnlineSum {
  double most = kNeverScore, sum = 0;

  void add(double part_most, double part_sum) {
    const double both = std::max(most, part_most);
    sum = sum * std::exp(most - both) + part_sum * std::exp(part_most - both);
    most = both;
  }
  float log() const { return static_cast<float>(most + std::log(sum)); }
};

// What is known of a row (or column) after some tiles: its scores before its partner, the partner's
// and those behind it.
struct LineState {
  OnlineSum sum;
  float before = kNeverScore, behind = kNeverScore, partner = 0;

  bool wins() const { return partner > before && partner >= behind; }
};

struct Tile {
  int64_t row = 0, column = 0;    // of its first score
  int64_t rows = 0, columns = 0;  // its size
  float* scores = nullptr;        // [rows, columns]
};

std::unique_ptr<float[]> floats(int64_t count) {
  return std::unique_ptr<float[]>(new float[static_cast<size_t>(count)]);
}

// The largest tiles of equal size that are not above `largest`.
int64_t tile_size(int64_t rows, int64_t largest) {
  const int64_t count = (rows + largest - 1) / largest;
  return std::min(rows, ((rows + count - 1) / count + 15) / 16 * 16);
}

// The tiles of s = scale a b^T, row by row of tiles.
class Tiles {
 public:
  Tiles(const ContrastiveInput& input, int64_t tile)
      : in_(input),
        size_(tile),
        equal_(input.identity, input.rows, input.columns),
        scaled_(floats(tile * input.width)) {}

  int64_t size() const { return size_; }
  int64_t count() const { return (in_.rows + size_ - 1) / size_; }
  // scale times the rows of a of the row of tiles that was begun last.
  const float* scaled() const { return scaled_.get(); }

  void begin_row(int64_t row) {
    const int64_t first = row * size_ * in_.width;
    const int64_t n = std::min(size_ * in_.width, in_.rows * in_.width - first);
    for (int64_t i = 0; i < n; ++i) scaled_[static_cast<size_t>(i)] = in_.scale * in_.a[first + i];
  }

  Tile at(int64_t row, int64_t column, float* scores) const {
    return {row * size_, column * size_, std::min(size_, in_.rows - row * size_),
            std::min(size_, in_.rows - column * size_), scores};
  }

  void fill(const Tile& tile) const {
    matmul({1, tile.rows, in_.width, tile.columns}, {scaled_.get(), in_.width, 1, 0},
           {in_.b + tile.column * in_.width, 1, in_.width, 0}, nullptr,
           {tile.scores, tile.columns, 0});
    for (int64_t r = 0; r < tile.rows; ++r) {
      float* scores = tile.scores + r * tile.columns;
      equal_.each(tile.row + r, tile.column, tile.column + tile.columns,
                  [&](int64_t j) { scores[j - tile.column] = kNeverScore; });
    }
  }

 private:
  const ContrastiveInput& in_;
  int64_t size_;
  EqualRows equal_;
  std::unique_ptr<float[]> scaled_;
};

// Takes tiles into the state of all rows and columns. Threads take strips; what strips found of a
// column is joined in their order, so the number of threads changes nothing.
class LineSums {
 public:
  LineSums(int64_t rows, int64_t tile)
      : rows_(static_cast<size_t>(rows)),
        columns_(static_cast<size_t>(rows)),
        strip_columns_(static_cast<size_t>((tile + kStrip - 1) / kStrip * tile * 2)),
        row_max_(static_cast<size_t>(tile)),
        column_max_(static_cast<size_t>(tile)) {}

  void add(const Tile& tile) {
    const int64_t strips = (tile.rows + kStrip - 1) / kStrip;
#pragma omp parallel for schedule(static)
    for (int64_t s = 0; s < strips; ++s) find_maxima(tile, s);
    join_maxima(tile, strips);
#pragma omp parallel for schedule(static)
    for (int64_t s = 0; s < strips; ++s) add_exponentials(tile, s);
    join_sums(tile, strips);
  }

  const std::vector<LineState>& rows() const { return rows_; }
  const std::vector<LineState>& columns() const { return columns_; }

 private:
  // Two rows for each strip: the maxima of the columns before and behind their partners; then the
  // sums of exponentials in the first.
  float* strip_columns(const Tile& tile, int64_t strip) {
    return strip_columns_.data() + strip * 2 * tile.columns;
  }

  void find_maxima(const Tile& tile, int64_t strip) {
    float* before = strip_columns(tile, strip);
    float* behind = before + tile.columns;
    std::fill(before, before + 2 * tile.columns, kNeverScore);
    const int64_t end = std::min(tile.rows, (strip + 1) * kStrip);
    for (int64_t r = strip * kStrip; r < end; ++r) {
      const float* scores = tile.scores + r * tile.columns;
      const int64_t partner = tile.row + r - tile.column;  // its column in the tile
      const int64_t split = std::clamp<int64_t>(partner, 0, tile.columns);
      const bool here = partner == split && split < tile.columns;
      LineState& row = rows_[static_cast<size_t>(tile.row + r)];
      // A score left of its row's partner lies below its column's.
      const float left = contrastive_max(scores, split, behind);
      const int64_t rest = split + here;
      const float right = contrastive_max(scores + rest, tile.columns - rest, before + rest);
      row.before = std::max(row.before, left);
      row.behind = std::max(row.behind, right);
      float most = std::max(left, right);
      if (here) {
        row.partner = columns_[static_cast<size_t>(tile.row + r)].partner = scores[split];
        most = std::max(most, scores[split]);
      }
      row_max_[static_cast<size_t>(r)] = most;
    }
  }

  void join_maxima(const Tile& tile, int64_t strips) {
#pragma omp parallel for schedule(static)
    for (int64_t c = 0; c < tile.columns; ++c) {
      LineState& column = columns_[static_cast<size_t>(tile.column + c)];
      float before = kNeverScore, behind = kNeverScore;
      for (int64_t s = 0; s < strips; ++s) {
        before = std::max(before, strip_columns(tile, s)[c]);
        behind = std::max(behind, strip_columns(tile, s)[tile.columns + c]);
      }
      column.before = std::max(column.before, before);
      column.behind = std::max(column.behind, behind);
      float most = std::max(before, behind);
      if (tile.row == tile.column) most = std::max(most, column.partner);
      column_max_[static_cast<size_t>(c)] = most;
    }
  }

  void add_exponentials(const Tile& tile, int64_t strip) {
    float* sums = strip_columns(tile, strip);
    std::fill(sums, sums + tile.columns, 0.0f);
    const int64_t end = std::min(tile.rows, (strip + 1) * kStrip);
    for (int64_t r = strip * kStrip; r < end; ++r) {
      const float most = row_max_[static_cast<size_t>(r)];
      const float sum = contrastive_sum(tile.scores + r * tile.columns, tile.columns, most,
                                        column_max_.data(), sums);
      rows_[static_cast<size_t>(tile.row + r)].sum.add(most, sum);
    }
  }

  void join_sums(const Tile& tile, int64_t strips) {
#pragma omp parallel for schedule(static)
    for (int64_t c = 0; c < tile.columns; ++c) {
      double sum = 0;
      for (int64_t s = 0; s < strips; ++s) sum += strip_columns(tile, s)[c];
      columns_[static_cast<size_t>(tile.column + c)].sum.add(column_max_[static_cast<size_t>(c)],
                                                             sum);
    }
  }

  std::vector<LineState> rows_, columns_;
  std::vector<float> strip_columns_, row_max_, column_max_;
};

// tile -> dL/ds times `rows` B, in `slopes`.
void make_slopes(const Tile& tile, const ContrastiveForward& forward, float weight, float* slopes) {
#pragma omp parallel for schedule(static)
  for (int64_t r = 0; r < tile.rows; ++r) {
    float* out = slopes + r * tile.columns;
    contrastive_slope(tile.scores + r * tile.columns, tile.columns,
                      forward.row_log_sums[static_cast<size_t>(tile.row + r)],
                      forward.column_log_sums.data() + tile.column, weight, out);
    if (tile.row == tile.column) out[r] -= 2 * weight;
  }
}

// Sum of x . y over `rows` rows; one partial sum a row, so that threads change nothing.
double dot_rows_in_double(const float* x, const float* y, int64_t rows, int64_t width) {
  std::vector<double> sums(static_cast<size_t>(rows));
#pragma omp parallel for schedule(static)
  for (int64_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (int64_t d = r * width; d < (r + 1) * width; ++d) sum += static_cast<double>(x[d]) * y[d];
    sums[static_cast<size_t>(r)] = sum;
  }
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

// Multiplications and additions of one product of the scores.
double operations(const ContrastiveInput& input) {
  return 2.0 * static_cast<double>(input.rows * input.rows * input.width);
}

}  // namespace

ContrastiveForward contrastive_forward(const ContrastiveInput& input,
                                       const ContrastiveOptions& options) {
  if (input.rows < 1 || input.width < 1 || options.largest_tile < 1) {
    throw Error(ErrorCode::kShape, "contrastive: expected rows, width and tile of 1 or more, got " +
                                       std::to_string(input.rows) + ", " +
                                       std::to_string(input.width) + " and " +
                                       std::to_string(options.largest_tile));
  }
  const SmallWork work(operations(input));
  ContrastiveForward out;
  out.tile = tile_size(input.rows, options.largest_tile);
  Tiles tiles(input, out.tile);
  const int64_t count = tiles.count(), area = out.tile * out.tile;
  out.kept = std::min(count * count, options.kept_scores / area);
  out.scores = floats(out.kept * area);
  const auto passing = floats(out.kept < count * count ? area : 0);
  LineSums sums(input.rows, out.tile);
  for (int64_t row = 0; row < count; ++row) {
    tiles.begin_row(row);
    for (int64_t column = 0; column < count; ++column) {
      const int64_t i = row * count + column;
      const Tile tile =
          tiles.at(row, column, i < out.kept ? out.scores.get() + i * area : passing.get());
      tiles.fill(tile);
      sums.add(tile);
    }
  }
  const double share = 0.5 / static_cast<double>(input.rows);
  for (size_t i = 0; i < sums.rows().size(); ++i) {
    const auto &row = sums.rows()[i], &column = sums.columns()[i];
    out.row_log_sums.push_back(row.sum.log());
    out.column_log_sums.push_back(column.sum.log());
    const double paid = row.sum.most + std::log(row.sum.sum) + column.sum.most +
                        std::log(column.sum.sum) - 2.0 * row.partner;
    out.loss += share * paid;
    out.accuracy += share * (row.wins() + column.wins());
  }
  return out;
}

void contrastive_backward(const ContrastiveInput& input, const ContrastiveForward& forward,
                          double factor, ContrastiveGradients* gradients) {
  const SmallWork work(operations(input));
  const int64_t width = input.width;
  const auto weight = static_cast<float>(0.5 * factor / static_cast<double>(input.rows));
  Tiles tiles(input, forward.tile);
  const int64_t count = tiles.count(), area = forward.tile * forward.tile;
  const auto slopes = floats(area), again = floats(forward.kept < count * count ? area : 0);
  gradients->scale = 0;
  for (int64_t row = 0; row < count; ++row) {
    tiles.begin_row(row);
    float* da = gradients->a + row * forward.tile * width;
    const int64_t rows = tiles.at(row, 0, nullptr).rows;
    for (int64_t column = 0; column < count; ++column) {
      const int64_t i = row * count + column;
      const bool kept = i < forward.kept;
      const Tile tile =
          tiles.at(row, column, kept ? forward.scores.get() + i * area : again.get());
      if (!kept) tiles.fill(tile);
      make_slopes(tile, forward, weight, slopes.get());
      matmul({1, rows, tile.columns, width}, {slopes.get(), tile.columns, 1, 0},
             {input.b + tile.column * width, width, 1, 0}, nullptr, {da, width, 0, column > 0});
      matmul({1, tile.columns, rows, width}, {slopes.get(), 1, tile.columns, 0},
             {tiles.scaled(), width, 1, 0}, nullptr,
             {gradients->b + tile.column * width, width, 0, row > 0});
    }
    // da is still without the scale: ds_ij/dscale = a_i . b_j, so its product with a is dL/dscale.
    gradients->scale += dot_rows_in_double(input.a + row * forward.tile * width, da, rows, width);
    for (int64_t i = 0; i < rows * width; ++i) da[i] *= input.scale;
  }
}

}  // namespace braid
