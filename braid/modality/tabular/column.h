// One column of a table: what kind it is, what training learned of it, and how a cell becomes
// numbers.
//
//   cell -> id and numbers. Ids count over all columns of a table, each has a vector of its own:
//     missing           a cell without a value
//     known             number, date: there is one; category: one that training did not keep
//     known + 1 + i     category, level or truth value i
//   numbers: number [z]; ordinal [-1 .. 1]; date [z of the year, sin and cos of the place in the
//   year, sin and cos of the day of the week]; others none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/modality/tabular/calendar.h"

namespace braid {

enum class ColumnKind { kEmpty, kNumeric, kCategorical, kBoolean, kOrdinal, kDate };

const char* column_kind_name(ColumnKind kind);  // "numeric"
std::optional<ColumnKind> column_kind_named(std::string_view name);

inline constexpr int64_t kDateNumbers = 5;
inline constexpr double kFarthest = 8;  // numbers beyond so many spreads are held there

struct ColumnFacts {
  std::string name;
  ColumnKind kind = ColumnKind::kEmpty;  // empty: no value in training, never read
  bool chosen = false;                   // by the recipe, not by the cells
  DateOrder order = DateOrder::kDayFirst;
  double middle = 0, spread = 1;    // median; quartile distance as that of a normal spread
  std::vector<std::string> levels;  // categories, the most frequent first; ordinal: rising
  // Of training, for people.
  std::vector<int64_t> counts;  // of levels; boolean: false, true
  int64_t values = 0, missing = 0;
  int64_t infinite = 0;  // infinities, taken as missing
  int64_t strays = 0;    // cells that are not of the kind
  int64_t pooled = 0;    // cells of categories that were not kept
  std::string note;      // what a person should look at
};

class Column {
 public:
  // `first_id` is the id of a missing cell.
  Column(ColumnFacts facts, int64_t first_id);

  struct Cell {
    int64_t id = 0;
    std::array<double, kDateNumbers> numbers{};
  };

  // No text: missing. Throws Error(kInput) for a text that is not of the column's kind. Never gives
  // NaN or an infinity.
  Cell encode(const std::optional<std::string>& text) const;

  int64_t ids() const;      // how many it has, from first_id on
  int64_t numbers() const;  // how many of a cell's are used
  int64_t missing_id() const { return first_id_; }
  const ColumnFacts& facts() const { return facts_; }

 private:
  Cell level(size_t index) const;
  [[noreturn]] void refuse(const std::string& text, const std::string& expected) const;

  ColumnFacts facts_;
  int64_t first_id_;
  std::unordered_map<std::string, size_t> level_of_;
};

// How a category is remembered: trimmed, a long one by its hash.
std::string category_key(std::string_view text);

// "numeric, median 56, spread 17.8; 12 of 154 missing": one line for people.
std::string column_words(const ColumnFacts& facts);

}  // namespace braid
