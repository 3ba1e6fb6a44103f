// Rows kept as JSON text, one after another: for sources that must be read as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "braid/data/cell.h"

namespace braid {

class RowPool {
 public:
  void append(const Row& row);
  int64_t size() const { return static_cast<int64_t>(ends_.size()); }
  Row row(int64_t i) const;
  std::string content_hash() const;

 private:
  std::string_view text(int64_t i) const;

  std::string pool_;
  std::vector<uint64_t> ends_;
};

}  // namespace braid
