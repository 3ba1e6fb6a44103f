// The texts of those columns that are read again and again: packed in memory while they fit, else
// parsed anew from the table, row by row. Which of the two changes no result.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "braid/data/cell.h"
#include "braid/data/column_store.h"

namespace braid {

class CellStore {
 public:
  using RowReader = std::function<Row(int64_t)>;

  // `read_row` is asked for rows whose cells are not in memory.
  CellStore(uint64_t max_bytes, RowReader read_row);

  // The number of a column; equal ones share one. `json`: its texts are value_texts. Before the
  // first append.
  size_t add_column(const std::string& name, bool json = false);

  void append(const Row& row);  // the next row

  // As cell_texts or value_texts; none where the row has no such cell. Many threads.
  std::vector<std::string> texts(int64_t row, size_t column) const;

  bool in_memory() const { return in_memory_; }

 private:
  std::shared_ptr<const Row> parsed(int64_t row) const;

  // A sample asks for all its cells at once: rows parsed lately are kept.
  struct Recent {
    std::mutex lock;
    int64_t row = -1;
    std::shared_ptr<const Row> cells;
  };

  uint64_t max_bytes_;
  RowReader read_row_;
  bool in_memory_ = true;
  struct Wanted {
    std::string name;
    bool json = false;
    bool operator==(const Wanted&) const = default;
  };
  static std::vector<std::string> texts_of(const Row& row, const Wanted& column);

  std::vector<Wanted> wanted_;
  std::vector<ColumnStore> columns_;
  mutable std::array<Recent, 64> recent_;
};

}  // namespace braid
