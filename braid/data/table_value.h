// The cells of a row as one value of a table, and the columns that a pattern stands for.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "braid/data/cell.h"

namespace braid {

struct TableCell {
  std::string column;
  std::vector<std::string> texts;  // none: missing; several: the cell holds a list
};

// One JSON object, null for cells without a text or with one of the `missing` words; "" where no
// cell has a value. A list stays one: the modality says what is wrong with it.
std::string table_value(std::vector<TableCell> cells, std::span<const std::string> missing);

// Columns as a field names them, where `tabular.*` stands for all cells below `tabular`, in the
// order that rows have them. A column that stands there twice counts once.
class ColumnPattern {
 public:
  // Throws Error(kConfig) for a star anywhere else. `may_be_empty`: a pattern may stand for nothing.
  explicit ColumnPattern(std::vector<std::string> names, bool may_be_empty = false);

  bool open() const { return !stars_.empty(); }  // must it see rows?

  // Throws Error(kLimit) for more columns than a table may have.
  void look_at(const Row& row);

  // Throws Error(kConfig) for a pattern that no row has a cell of.
  std::vector<std::string> columns() const;

 private:
  struct Star {
    std::string prefix;              // "tabular."
    std::vector<std::string> found;  // whole names
    std::set<std::string> known;
  };

  std::vector<std::string> names_;
  bool may_be_empty_;
  std::map<std::string, Star> stars_;  // by the name in names_
};

}  // namespace braid
