#include "braid/data/layout/row_pool.h"

#include <nlohmann/json.hpp>

#include "braid/core/file.h"

namespace braid {

void RowPool::append(const Row& row) {
  pool_ += row.dump();
  ends_.push_back(pool_.size());
}

std::string_view RowPool::text(int64_t i) const {
  const auto at = static_cast<size_t>(i);
  const uint64_t begin = at == 0 ? 0 : ends_.at(at - 1);
  return std::string_view(pool_).substr(begin, ends_.at(at) - begin);
}

Row RowPool::row(int64_t i) const { return Row::parse(text(i)); }

std::string RowPool::content_hash() const { return braid::content_hash(std::string_view(pool_)); }

}  // namespace braid
