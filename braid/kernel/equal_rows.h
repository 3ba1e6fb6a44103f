// Which rows of [B, C] keys agree in some column, found without comparing all pairs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace braid {

class EqualRows {
 public:
  // keys [rows, columns] or null: then no rows agree.
  EqualRows(const int64_t* keys, int64_t rows, int64_t columns);

  // take(j) for every j != row in [first, last) whose keys agree with `row`'s; once for each column
  // in which they do.
  template <class Take>
  void each(int64_t row, int64_t first, int64_t last, const Take& take) const {
    for (const auto& column : columns_) {
      const auto [begin, end] = column.group[static_cast<size_t>(row)];
      if (end - begin == 1) continue;
      for (int64_t i = begin; i < end; ++i) {
        const int64_t other = column.order[static_cast<size_t>(i)];
        if (other >= last) break;
        if (other >= first && other != row) take(other);
      }
    }
  }

 private:
  struct Group {
    int64_t begin, end;
  };
  struct Column {
    std::vector<int64_t> order;  // rows by key, equal keys by row
    std::vector<Group> group;    // of each row, a range of `order`
  };
  std::vector<Column> columns_;
};

}  // namespace braid
