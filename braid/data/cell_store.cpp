#include "braid/data/cell_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace braid {

std::vector<std::string> CellStore::texts_of(const Row& row, const Wanted& column) {
  const Row* cell = find_cell(row, column.name);
  if (!cell) return {};
  return column.json ? value_texts(*cell) : cell_texts(*cell);
}

CellStore::CellStore(uint64_t max_bytes, RowReader read_row)
    : max_bytes_(max_bytes), read_row_(std::move(read_row)) {}

size_t CellStore::add_column(const std::string& name, bool json) {
  const Wanted wanted{name, json};
  const auto known = std::find(wanted_.begin(), wanted_.end(), wanted);
  if (known != wanted_.end()) return static_cast<size_t>(known - wanted_.begin());
  wanted_.push_back(wanted);
  columns_.emplace_back();
  return wanted_.size() - 1;
}

void CellStore::append(const Row& row) {
  if (!in_memory_) return;
  uint64_t bytes = 0;
  for (size_t i = 0; i < wanted_.size(); ++i) {
    columns_[i].append(texts_of(row, wanted_[i]));
    bytes += columns_[i].bytes();
  }
  if (bytes <= max_bytes_) return;
  in_memory_ = false;
  columns_ = {};
}

std::shared_ptr<const Row> CellStore::parsed(int64_t row) const {
  auto& slot = recent_[static_cast<size_t>(row) % recent_.size()];
  const std::lock_guard held(slot.lock);
  if (slot.row != row) {
    slot.cells = std::make_shared<const Row>(read_row_(row));
    slot.row = row;
  }
  return slot.cells;
}

std::vector<std::string> CellStore::texts(int64_t row, size_t column) const {
  if (!in_memory_) return texts_of(*parsed(row), wanted_.at(column));
  const auto& cells = columns_.at(column);
  std::vector<std::string> texts;
  for (size_t i = 0; i < cells.count(row); ++i) texts.emplace_back(cells.value(row, i));
  return texts;
}

}  // namespace braid
