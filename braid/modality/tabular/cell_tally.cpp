#include "braid/modality/tabular/cell_tally.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "braid/core/error.h"
#include "braid/modality/tabular/cell_text.h"
#include "braid/modality/tabular/scale.h"

namespace braid {
namespace {

using TextCounts = std::vector<std::pair<std::string, int64_t>>;

// A few cells may be mistakes: so many of a column decide its kind.
constexpr double kOfOneKind = 0.99;
constexpr size_t kMostLevels = 256;
// The quartiles of a normal distribution lie 1.349 standard deviations apart.
constexpr double kNormalQuartiles = 1.3489795;

bool nearly_all(int64_t some, int64_t all) {
  return static_cast<double>(some) >= kOfOneKind * static_cast<double>(all);
}

// Of sorted numbers, between neighbours in proportion.
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = place - static_cast<double>(below);
  return sorted[below] * (1 - part) + sorted[above] * part;
}

}  // namespace

void CellTally::Sampled::add(double value) {
  ++seen_;
  if (values_.size() < kKept) {
    values_.push_back(value);
  } else if (const auto at = static_cast<size_t>(rng_.below(seen_)); at < kKept) {
    values_[at] = value;
  }
}

CellTally::CellTally(std::string name, size_t most_texts)
    : name_(std::move(name)), most_texts_(most_texts) {}

void CellTally::add(const std::optional<std::string>& text) {
  if (!text) {
    ++missing_;
    return;
  }
  ++values_;
  const auto number = number_of(*text);
  if (number && !std::isfinite(*number)) ++infinite_;
  if (number && std::isfinite(*number)) number_values_.add(*number);
  numbers_ += number.has_value();
  bool bare = false;
  for (const auto order : {DateOrder::kDayFirst, DateOrder::kMonthFirst}) {
    const auto date = date_of(*text, order);
    if (!date) continue;
    ++dates_[static_cast<size_t>(order)];
    date_values_[static_cast<size_t>(order)].add(year_of(*date));
    bare = date->month == 0;
  }
  years_ += bare;
  const auto truth = truth_of(*text);
  if (truth || number == 0.0 || number == 1.0) ++truths_[truth ? truth->value : *number == 1];
  count_text(category_key(*text));
}

void CellTally::count_text(const std::string& text) {
  ++texts_[text];
  if (texts_.size() > most_texts_) forget_rare();
}

TextCounts CellTally::by_count() const {
  TextCounts sorted(texts_.begin(), texts_.end());
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return sorted;
}

// The rarer half goes, so that sorting is paid for by as many new texts.
void CellTally::forget_rare() {
  auto sorted = by_count();
  for (size_t i = most_texts_ / 2; i < sorted.size(); ++i) {
    forgotten_ += sorted[i].second;
    texts_.erase(sorted[i].first);
  }
}

// All cells are words of one pair, or 0 and 1.
bool CellTally::looks_boolean(const TextCounts& texts) const {
  if (forgotten_ || texts.size() > 8) return false;
  std::set<size_t> pairs;
  std::set<bool> met;
  bool numbers = false;
  for (const auto& [text, count] : texts) {
    const auto truth = truth_of(text);
    const auto number = truth ? std::nullopt : number_of(text);
    if (!truth && number != 0.0 && number != 1.0) return false;
    if (truth) pairs.insert(truth->pair);
    numbers = numbers || number;
    met.insert(truth ? truth->value : *number == 1);
  }
  // "是" is the yes of two pairs.
  const bool one_pair = pairs.size() + numbers == 1 ||
                        (pairs.size() == 2 && met.size() == 2 && !numbers && texts.size() == 2);
  const bool half = !numbers && one_pair && pair_may_be_half(*pairs.begin());
  return one_pair && (met.size() == 2 || half);
}

ColumnKind CellTally::guess(const TextCounts& texts) const {
  if (values_ == 0) return ColumnKind::kEmpty;
  if (looks_boolean(texts)) return ColumnKind::kBoolean;
  if (infinite_ < values_ && nearly_all(numbers_, values_)) return ColumnKind::kNumeric;
  const int64_t dates = std::max(dates_[0], dates_[1]);
  if (dates > years_ && nearly_all(dates, values_)) return ColumnKind::kDate;
  std::vector<std::string> words;
  for (const auto& [text, count] : texts) words.push_back(text);
  if (!forgotten_ && words.size() <= 20 && in_order(words)) return ColumnKind::kOrdinal;
  return ColumnKind::kCategorical;
}

DateOrder CellTally::date_order(const ColumnChoice& choice, ColumnFacts& facts) const {
  if (choice.order) return *choice.order;
  const bool tie = dates_[0] == dates_[1];
  bool differ = false;  // does the order change anything?
  for (const auto& [text, count] : texts_) {
    const auto a = date_of(text, DateOrder::kDayFirst), b = date_of(text, DateOrder::kMonthFirst);
    differ = differ || (a && b && (a->month != b->month));
  }
  if (tie && differ) {
    facts.note = "read day before month, which no cell tells: say {date: dmy} or {date: mdy}";
  }
  return dates_[1] > dates_[0] ? DateOrder::kMonthFirst : DateOrder::kDayFirst;
}

void CellTally::learn_numbers(const Sampled& from, ColumnFacts& facts) const {
  auto sorted = from.values();
  if (sorted.empty()) return;
  std::ranges::sort(sorted);
  facts.middle = quantile(sorted, 0.5);
  facts.spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / kNormalQuartiles;
  if (!(facts.spread > 0)) {
    // Half of the cells are the same: the standard deviation about the median instead.
    double sum = 0;
    for (const double value : sorted) sum += (value - facts.middle) * (value - facts.middle);
    facts.spread = std::sqrt(sum / static_cast<double>(sorted.size()));
  }
  if (!(facts.spread > 0) || !std::isfinite(facts.spread)) facts.spread = 1;
}

// Words of a known scale, or numbers, from low to high.
std::vector<std::string> CellTally::rising(std::vector<std::string> words) const {
  if (auto sorted = in_order(words)) return *sorted;
  const bool plain = std::ranges::all_of(words, [](const std::string& word) {
    const auto number = number_of(word);
    return number && std::isfinite(*number);
  });
  if (!plain || forgotten_ || words.size() > kMostLevels) {
    throw Error(ErrorCode::kConfig, "table: column '" + name_ +
                                        "' is to be ordinal, but its cells tell no order: expected "
                                        "its levels, such as {ordinal: [low, middle, high]}");
  }
  std::ranges::stable_sort(words, {}, [](const std::string& word) { return *number_of(word); });
  return words;
}

void CellTally::learn_levels(const TextCounts& texts, const ColumnChoice& choice,
                             const CategoryLimits& limits, ColumnFacts& facts) const {
  if (facts.kind == ColumnKind::kOrdinal) {
    for (const auto& level : choice.levels) facts.levels.push_back(category_key(level));
    std::vector<std::string> words;
    for (const auto& [text, count] : texts) words.push_back(text);
    if (facts.levels.empty()) facts.levels = rising(words);
  } else {
    for (const auto& [text, count] : texts) {
      if (count < limits.least || std::ssize(facts.levels) == limits.most) break;
      facts.levels.push_back(text);
    }
  }
  facts.pooled = values_;
  for (const auto& level : facts.levels) {
    const auto found = texts_.find(level);
    facts.counts.push_back(found == texts_.end() ? 0 : found->second);
    facts.pooled -= facts.counts.back();
  }
  const bool many = facts.pooled * 2 > values_ && values_ > 10;
  if (many && facts.kind == ColumnKind::kCategorical) {
    facts.note = "most cells differ: an id or free text? (`skip` leaves it out)";
  }
}

void CellTally::learn_truths(ColumnFacts& facts) const {
  facts.counts = {truths_[0], truths_[1]};
  facts.strays = values_ - truths_[0] - truths_[1];
}

ColumnFacts CellTally::finish(const ColumnChoice& choice, const CategoryLimits& limits) const {
  const auto texts = by_count();
  ColumnFacts facts;
  facts.name = name_;
  facts.chosen = choice.kind.has_value();
  facts.kind = values_ == 0 ? ColumnKind::kEmpty : choice.kind ? *choice.kind : guess(texts);
  facts.values = values_;
  facts.missing = missing_;
  if (facts.kind == ColumnKind::kNumeric) {
    learn_numbers(number_values_, facts);
    facts.infinite = infinite_;
    facts.strays = values_ - numbers_;
  } else if (facts.kind == ColumnKind::kDate) {
    facts.order = date_order(choice, facts);
    const auto order = static_cast<size_t>(facts.order);
    learn_numbers(date_values_[order], facts);
    facts.strays = values_ - dates_[order];
  } else if (facts.kind == ColumnKind::kBoolean) {
    learn_truths(facts);
  } else if (facts.kind != ColumnKind::kEmpty) {
    learn_levels(texts, choice, limits, facts);
  }
  return facts;
}

}  // namespace braid
