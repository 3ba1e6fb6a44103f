// Looks at the cells of every column, row by row.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "braid/data/cell.h"
#include "braid/data/inspect.h"

namespace braid {

class ColumnCounter {
 public:
  void add(const Row& row);
  std::vector<ColumnAudit> finish() const;  // in the order met

 private:
  struct Column {
    ColumnAudit audit;
    std::unordered_set<uint64_t> seen;
    int64_t rows = 0;  // with a value
    int64_t texts = 0, numbers = 0, truths = 0, nested = 0;
    std::unordered_map<std::string, int64_t> file_kinds;  // of texts that look like file names
  };

  Column& column(const std::string& name);
  static void add_value(const Row& value, Column& column);
  static std::string kind_of(const Column& column);

  int64_t rows_ = 0;
  std::vector<Column> columns_;
  std::unordered_map<std::string, size_t> places_;
};

}  // namespace braid
