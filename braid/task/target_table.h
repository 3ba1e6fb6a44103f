// The targets of some rows as numbers, read once from the columns of a data set. Torch-free.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/data/dataset.h"
#include "braid/head/target_facts.h"
#include "braid/recipe/recipe.h"

namespace braid {

// A class that no training row has: the model cannot name it, so it is wrong about such rows.
struct UnseenLabel {
  std::string label;
  int64_t rows = 0;
  std::string where;  // the first: "val.jsonl:3"
};

inline constexpr double kUnseenClass = -1;

// One of the texts that are right about a row.
struct TargetText {
  int64_t language;  // of TargetFacts::languages
  std::string text;
  std::vector<int64_t> tokens;
};

struct TargetTable {
  int64_t columns = 0;         // K
  std::vector<int64_t> rows;   // [N] of the data set
  std::vector<double> values;  // [N, K] as head.h says; NaN: missing; kUnseenClass
  std::vector<UnseenLabel> unseen;
  std::vector<uint8_t> has_unseen;             // [N]
  std::vector<std::vector<TargetText>> texts;  // [N] of generation, whose columns are 0
  std::vector<int64_t> group;                  // [N], or empty: each row by itself
  std::vector<std::string> kind;               // [N] of a protocol's `by`, or empty
  std::unordered_map<int64_t, int64_t> place;  // row -> N

  std::span<const double> at(int64_t n) const;  // [K]
  bool known(int64_t n) const;                  // any of its columns, or a text
  bool knows_row(int64_t row) const;            // of the data set
  // Of a row of the data set: empty where the table has none, or it has no target.
  std::span<const double> of_row(int64_t row) const;
  int64_t missing() const;  // rows without a target
};

// What `rows` (those that are trained on) say of the target of each task, in the recipe's order.
// Throws Error(kConfig) for a column without values, of one class only, with a class of its own in
// every row, or of one number only, and where a field reads the target; Error(kInput) naming the
// row for a number that is none, and for several labels where one is expected.
std::vector<TargetFacts> learn_targets(const Recipe& recipe, const Dataset& data,
                                       const std::vector<int64_t>& rows);

// The same of one task, whatever fields read.
TargetFacts learn_target(const TaskConfig& task, const Dataset& data,
                         const std::vector<int64_t>& rows);

// Throws Error(kInput) as above. Of a task without a target (matching): no columns.
TargetTable read_targets(const TaskConfig& task, const TargetFacts& facts, const Dataset& data,
                         const std::vector<int64_t>& rows);
// A table each task of the recipe.
std::vector<TargetTable> read_all_targets(const Recipe& recipe,
                                          const std::vector<TargetFacts>& facts,
                                          const Dataset& data, const std::vector<int64_t>& rows);

}  // namespace braid
