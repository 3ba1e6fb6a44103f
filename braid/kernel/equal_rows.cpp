#include "braid/kernel/equal_rows.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace braid {

EqualRows::EqualRows(const int64_t* keys, int64_t rows, int64_t columns) {
  if (!keys) return;
  for (int64_t c = 0; c < columns; ++c) {
    const auto key = [&](int64_t row) { return keys[row * columns + c]; };
    Column column{std::vector<int64_t>(static_cast<size_t>(rows)),
                  std::vector<Group>(static_cast<size_t>(rows))};
    auto& order = column.order;
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int64_t left, int64_t right) {
      return std::tuple(key(left), left) < std::tuple(key(right), right);
    });
    for (auto begin = order.begin(); begin != order.end();) {
      const auto end =
          std::find_if(begin, order.end(), [&](int64_t row) { return key(row) != key(*begin); });
      for (auto at = begin; at != end; ++at) {
        column.group[static_cast<size_t>(*at)] = {begin - order.begin(), end - order.begin()};
      }
      begin = end;
    }
    columns_.push_back(std::move(column));
  }
}

}  // namespace braid
