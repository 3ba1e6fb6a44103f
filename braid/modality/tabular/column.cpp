#include "braid/modality/tabular/column.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/modality/tabular/cell_text.h"

namespace braid {
namespace {

constexpr std::array kKindNames = {"empty", "numeric", "categorical", "boolean", "ordinal", "date"};
constexpr size_t kLongestCategory = 256;
constexpr size_t kShownCategories = 5;

std::string short_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

// At most `bytes` of it, whole characters.
std::string shortened(const std::string& text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes) + "...";
}

std::string counted_levels(const ColumnFacts& facts, std::span<const std::string> names) {
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(names.size(), kShownCategories); ++i) {
    shown.push_back(shortened(names[i], 24) + " " + std::to_string(facts.counts.at(i)));
  }
  return join(shown, ", ") + (names.size() > kShownCategories ? ", ..." : "");
}

}  // namespace

const char* column_kind_name(ColumnKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

std::optional<ColumnKind> column_kind_named(std::string_view name) {
  const auto found = std::ranges::find(kKindNames, name);
  if (found == kKindNames.end()) return std::nullopt;
  return static_cast<ColumnKind>(found - kKindNames.begin());
}

std::string category_key(std::string_view text) {
  text = trim(text);
  return text.size() <= kLongestCategory ? std::string(text) : "#" + content_hash(text);
}

Column::Column(ColumnFacts facts, int64_t first_id)
    : facts_(std::move(facts)), first_id_(first_id) {
  for (size_t i = 0; i < facts_.levels.size(); ++i) level_of_.emplace(facts_.levels[i], i);
}

int64_t Column::ids() const {
  if (facts_.kind == ColumnKind::kEmpty) return 0;
  if (facts_.kind == ColumnKind::kBoolean) return 4;
  return 2 + static_cast<int64_t>(facts_.levels.size());
}

int64_t Column::numbers() const {
  if (facts_.kind == ColumnKind::kDate) return kDateNumbers;
  return facts_.kind == ColumnKind::kNumeric || facts_.kind == ColumnKind::kOrdinal ? 1 : 0;
}

void Column::refuse(const std::string& text, const std::string& expected) const {
  throw Error(ErrorCode::kInput,
              "table: column '" + facts_.name + "': expected " + expected + ", got '" +
                  printable(shortened(text, 60)) + "' (columns." + facts_.name +
                  " of the modality sets the kind, `missing` the words for no value)");
}

Column::Cell Column::level(size_t index) const {
  Cell cell{first_id_ + 2 + static_cast<int64_t>(index), {}};
  if (facts_.kind == ColumnKind::kOrdinal && facts_.levels.size() > 1) {
    const auto last = static_cast<double>(facts_.levels.size() - 1);
    cell.numbers[0] = 2 * static_cast<double>(index) / last - 1;
  }
  return cell;
}

Column::Cell Column::encode(const std::optional<std::string>& text) const {
  const Cell missing{first_id_, {}}, known{first_id_ + 1, {}};
  if (!text) return missing;
  const auto z = [&](double value) {
    return std::clamp((value - facts_.middle) / facts_.spread, -kFarthest, kFarthest);
  };
  if (facts_.kind == ColumnKind::kNumeric) {
    const auto value = number_of(*text);
    if (!value) refuse(*text, "a number");
    if (!std::isfinite(*value)) return missing;
    Cell cell = known;
    cell.numbers[0] = z(*value);
    return cell;
  }
  if (facts_.kind == ColumnKind::kDate) {
    const auto date = date_of(*text, facts_.order);
    if (!date) refuse(*text, "a date, such as 2020-03-31");
    Cell cell = known;
    cell.numbers[0] = z(year_of(*date));
    std::ranges::copy(turns_of(*date), cell.numbers.begin() + 1);
    return cell;
  }
  if (facts_.kind == ColumnKind::kBoolean) {
    const auto truth = truth_of(*text);
    const auto number = truth ? std::nullopt : number_of(*text);
    if (!truth && number != 0.0 && number != 1.0) refuse(*text, "yes or no, true or false, 1 or 0");
    return level(truth ? truth->value : *number == 1);
  }
  const auto found = level_of_.find(category_key(*text));
  return found == level_of_.end() ? known : level(found->second);
}

std::string column_words(const ColumnFacts& facts) {
  if (facts.kind == ColumnKind::kEmpty && facts.chosen) return "skipped, as the recipe says";
  std::string words = column_kind_name(facts.kind);
  if (facts.chosen) words += " (as the recipe says)";
  if (facts.kind == ColumnKind::kEmpty) return words + ": no value in training, left out";
  if (facts.kind == ColumnKind::kNumeric) {
    words += ", median " + short_text(facts.middle) + ", spread " + short_text(facts.spread);
  } else if (facts.kind == ColumnKind::kDate) {
    words += ", median year " + short_text(facts.middle);
  } else if (facts.kind == ColumnKind::kBoolean) {
    const std::vector<std::string> names = {"no", "yes"};
    words += ": " + counted_levels(facts, names);
  } else {
    words += ", " + std::to_string(facts.levels.size()) + " kept";
    if (!facts.levels.empty()) words += ": " + counted_levels(facts, facts.levels);
    if (facts.pooled) words += "; cells of rare ones, pooled: " + std::to_string(facts.pooled);
  }
  if (facts.missing) {
    words += "; " + std::to_string(facts.missing) + " of " +
             std::to_string(facts.missing + facts.values) + " missing";
  }
  if (facts.infinite) {
    words += "; infinite or NaN, taken as missing: " + std::to_string(facts.infinite);
  }
  if (facts.strays) words += "; not of this kind, rows refused: " + std::to_string(facts.strays);
  return words + (facts.note.empty() ? "" : "; " + facts.note);
}

}  // namespace braid
