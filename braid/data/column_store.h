// The cells of one column for all rows, packed: one text pool instead of a string per value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

class ColumnStore {
 public:
  void append(const std::vector<std::string>& values);  // the next row

  size_t count(int64_t row) const { return first_[row + 1] - first_[row]; }
  std::string_view value(int64_t row, size_t i) const;
  uint64_t bytes() const { return pool_.size() + 8 * (ends_.size() + first_.size()); }

 private:
  std::string pool_;
  std::vector<uint64_t> ends_;      // of each value in the pool
  std::vector<uint64_t> first_{0};  // first value of each row
};

inline void ColumnStore::append(const std::vector<std::string>& values) {
  for (const auto& value : values) {
    pool_ += value;
    ends_.push_back(pool_.size());
  }
  first_.push_back(ends_.size());
}

inline std::string_view ColumnStore::value(int64_t row, size_t i) const {
  const uint64_t at = first_[row] + i;
  const uint64_t begin = at == 0 ? 0 : ends_[at - 1];
  return std::string_view(pool_).substr(begin, ends_[at] - begin);
}

}  // namespace braid
