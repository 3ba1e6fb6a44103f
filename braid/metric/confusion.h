// Which classes are taken for which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "braid/metric/predictions.h"

namespace braid {

struct Confusion {
  std::vector<std::string> names;  // [C]
  std::vector<int64_t> counts;     // [C, C]: a row is a true class, a column an answer

  int64_t at(size_t label, size_t answer) const { return counts[label * names.size() + answer]; }
};

// Throws what `checked` throws.
Confusion confusion(const ClassPredictions& predictions);

// For terminals, 80 columns: the matrix of up to ten classes, of more the most frequent mistakes.
std::string confusion_table(const Confusion& confusion);
std::string confusion_json(const Confusion& confusion);  // {"classes": [...], "counts": [[...]]}

}  // namespace braid
