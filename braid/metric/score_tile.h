// Scores of many rows against many columns, <row, column>, without holding rows x columns of them.
//
// Every score goes through one kernel that adds products in the order of the axis, padding
// included: equal vectors score equally wherever they stand, so that a tie is a tie.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace braid::score_tile {

inline constexpr int64_t kRows = 4;         // rows scored together
inline constexpr int64_t kColumns = 8;      // columns of a tile
inline constexpr int64_t kBlockTiles = 32;  // tiles packed at once: about 256 KiB at width 256

using RowScores = std::array<float, kColumns>;
using Lane = float __attribute__((vector_size(16)));

// `tile` [width, kColumns]: the transposed columns.
inline std::array<RowScores, kRows> score(const std::array<const float*, kRows>& rows,
                                          const float* tile, int64_t width) {
  constexpr int64_t kLanes = kColumns / 4;
  Lane sum[kRows][kLanes] = {};
  for (int64_t d = 0; d < width; ++d) {
    Lane column[kLanes];
    std::memcpy(column, tile + d * kColumns, sizeof column);
    for (int64_t r = 0; r < kRows; ++r) {
      for (int64_t l = 0; l < kLanes; ++l) sum[r][l] += column[l] * rows[r][d];
    }
  }
  std::array<RowScores, kRows> out;
  std::memcpy(out.data(), sum, sizeof out);
  return out;
}

// Columns `which` of `matrix` [N, width], at most kColumns of them, as one tile; the rest is zero.
inline void pack(std::span<const float> matrix, int64_t width, std::span<const int64_t> which,
                 float* tile) {
  std::fill_n(tile, width * kColumns, 0.0f);
  for (size_t c = 0; c < which.size(); ++c) {
    const float* from = matrix.data() + which[c] * width;
    for (int64_t d = 0; d < width; ++d) tile[d * kColumns + static_cast<int64_t>(c)] = from[d];
  }
}

// Calls use(row, first column, scores) for rows [begin, end) of `rows` against all of `columns`;
// `scores` is a span of up to kColumns. One row meets its columns in ascending order.
template <class Use>
void for_each(std::span<const float> rows, int64_t begin, int64_t end,
              std::span<const float> columns, int64_t width, Use&& use) {
  const int64_t count = static_cast<int64_t>(columns.size()) / width;
  std::vector<float> tiles(static_cast<size_t>(kBlockTiles * kColumns * width));
  for (int64_t block = 0; block < count; block += kBlockTiles * kColumns) {
    const int64_t block_end = std::min(count, block + kBlockTiles * kColumns);
    for (int64_t column = block; column < block_end; column += kColumns) {
      std::array<int64_t, kColumns> which;
      for (int64_t c = 0; c < kColumns; ++c) which[static_cast<size_t>(c)] = column + c;
      const auto filled = static_cast<size_t>(std::min(kColumns, block_end - column));
      pack(columns, width, std::span(which).first(filled), tiles.data() + (column - block) * width);
    }
    for (int64_t row = begin; row < end; row += kRows) {
      std::array<const float*, kRows> group;
      for (int64_t r = 0; r < kRows; ++r) {
        group[static_cast<size_t>(r)] = rows.data() + std::min(row + r, end - 1) * width;
      }
      for (int64_t column = block; column < block_end; column += kColumns) {
        const auto scores = score(group, tiles.data() + (column - block) * width, width);
        const auto filled = static_cast<size_t>(std::min(kColumns, block_end - column));
        for (int64_t r = 0; r < std::min(kRows, end - row); ++r) {
          use(row + r, column, std::span(scores[static_cast<size_t>(r)]).first(filled));
        }
      }
    }
  }
}

}  // namespace braid::score_tile
