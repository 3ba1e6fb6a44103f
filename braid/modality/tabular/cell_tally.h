// Counts the cells of one column of the training rows, and says what kind of column it is. Memory
// is bounded, whatever the number of rows and categories.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/core/rng.h"
#include "braid/modality/tabular/column.h"

namespace braid {

// What the recipe says of a column; nothing: the cells tell.
struct ColumnChoice {
  std::optional<ColumnKind> kind;
  std::optional<DateOrder> order;
  std::vector<std::string> levels;  // of an ordinal, rising
};

struct CategoryLimits {
  int64_t most = 256;  // categories kept of one column
  int64_t least = 2;   // rows that a kept one has
};

class CellTally {
 public:
  // At most `most_texts` different texts are counted at a time; the rarest are given up.
  CellTally(std::string name, size_t most_texts);

  void add(const std::optional<std::string>& text);  // no text: missing
  // Throws Error(kConfig) for an ordinal whose cells tell no order.
  ColumnFacts finish(const ColumnChoice& choice, const CategoryLimits& limits) const;

 private:
  // Numbers of which quantiles are asked: all of the first kKept, then a fair sample.
  class Sampled {
   public:
    void add(double value);
    const std::vector<double>& values() const { return values_; }

   private:
    static constexpr size_t kKept = 1 << 15;
    Rng rng_{1};
    int64_t seen_ = 0;
    std::vector<double> values_;
  };

  void count_text(const std::string& text);
  void forget_rare();
  std::vector<std::pair<std::string, int64_t>> by_count() const;

  ColumnKind guess(const std::vector<std::pair<std::string, int64_t>>& texts) const;
  bool looks_boolean(const std::vector<std::pair<std::string, int64_t>>& texts) const;
  DateOrder date_order(const ColumnChoice& choice, ColumnFacts& facts) const;
  void learn_numbers(const Sampled& from, ColumnFacts& facts) const;
  std::vector<std::string> rising(std::vector<std::string> words) const;
  void learn_levels(const std::vector<std::pair<std::string, int64_t>>& texts,
                    const ColumnChoice& choice, const CategoryLimits& limits,
                    ColumnFacts& facts) const;
  void learn_truths(ColumnFacts& facts) const;

  std::string name_;
  size_t most_texts_;
  int64_t values_ = 0, missing_ = 0;
  int64_t numbers_ = 0, infinite_ = 0;
  int64_t dates_[2] = {}, years_ = 0;  // by DateOrder, bare years among them; bare years
  int64_t truths_[2] = {};             // words and 1, 0
  Sampled number_values_, date_values_[2];
  std::unordered_map<std::string, int64_t> texts_;
  int64_t forgotten_ = 0;  // cells of texts given up
};

}  // namespace braid
