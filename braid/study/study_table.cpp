#include "braid/study/study_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "braid/core/text.h"

namespace braid {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

template <class Value>
double mean_over(const std::vector<CellResult>& cells, Value value) {
  if (cells.empty()) return kNone;
  double sum = 0;
  for (const auto& cell : cells) sum += value(cell);
  return sum / static_cast<double>(cells.size());
}

TableRow row_of(Contender contender, const RowGroups& groups) {
  TableRow row;
  const auto& cells = contender.cells;
  const bool blind = contender.role == "blind";
  row.validation =
      blind ? contender.validation : mean_over(cells, [](auto& c) { return c.validation; });
  row.value = blind ? contender.value : mean_over(cells, [](auto& c) { return c.value; });
  row.seconds = mean_over(cells, [](auto& c) { return c.seconds; });
  for (const auto& cell : cells)
    row.peak_memory_mb = std::max(row.peak_memory_mb, cell.peak_memory_mb);
  if (cells.size() > 1 && std::isfinite(row.value)) {
    std::vector<double> values;
    for (const auto& cell : cells) values.push_back(cell.value);
    row.seeds_interval = paired_t(values, std::vector<double>(values.size(), 0)).interval;
  }
  if (!contender.scores.empty()) row.rows = row_interval(contender.scores, groups);
  row.contender = std::move(contender);
  return row;
}

// Is the first the better one on validation?
bool is_better(const TableRow& a, const TableRow& b, bool smaller) {
  if (a.contender.cells.size() != b.contender.cells.size())
    return a.contender.cells.size() > b.contender.cells.size();
  if (std::isnan(a.validation) || std::isnan(b.validation))
    return !std::isnan(a.validation) && std::isnan(b.validation);
  if (a.validation != b.validation)
    return smaller ? a.validation < b.validation : a.validation > b.validation;
  return a.contender.parameters < b.contender.parameters;
}

int place_of(const TableRow& row) {
  return row.contender.role == "variant" ? 0 : row.contender.role == "single" ? 1 : 2;
}

// Seeds that both have; a blind one has all.
std::vector<int64_t> common_seeds(const Contender& a, const Contender& b) {
  std::vector<int64_t> seeds;
  for (const auto& cell : a.cells) {
    const bool there =
        b.role == "blind" || std::any_of(b.cells.begin(), b.cells.end(), [&](const auto& other) {
          return other.seed == cell.seed;
        });
    if (there) seeds.push_back(cell.seed);
  }
  return seeds;
}

std::vector<double> values_of(const Contender& contender, const std::vector<int64_t>& seeds) {
  std::vector<double> values;
  for (const int64_t seed : seeds) {
    double value = contender.value;
    for (const auto& cell : contender.cells) {
      if (cell.seed == seed) value = cell.value;
    }
    values.push_back(value);
  }
  return values;
}

Comparison compare_over_seeds(const Contender& best, const Contender& other,
                              const std::vector<int64_t>& seeds) {
  const auto first = values_of(best, seeds), second = values_of(other, seeds);
  const auto finite = [](double v) { return std::isfinite(v); };
  Comparison none;
  none.test = "paired t";
  none.absent = seeds.size() < 2 ? "one seed" : "the metric does not exist under every seed";
  if (seeds.size() < 2 || !std::all_of(first.begin(), first.end(), finite) ||
      !std::all_of(second.begin(), second.end(), finite))
    return none;
  return paired_t(first, second);
}

// Adjusts what is there of one kind of p.
template <class Get>
void adjust(std::vector<TableRow>& rows, Get get) {
  std::vector<double> p;
  std::vector<std::optional<double>*> to;
  for (auto& row : rows) {
    if (!row.against) continue;
    const auto [comparison, out] = get(*row.against);
    if (!comparison->absent.empty()) continue;
    p.push_back(comparison->p);
    to.push_back(out);
  }
  const auto adjusted = holm(p);
  for (size_t i = 0; i < to.size(); ++i) *to[i] = adjusted[i];
}

void add_notes(StudyTable& table, const TableRow& best, bool smaller) {
  if (table.seeds.size() == 1) {
    table.notes.push_back(
        "one seed: there is no interval over seeds and no test of them; --seeds 5 would tell how "
        "much the seed alone changes");
  }
  if (best.contender.cells.size() < table.seeds.size()) {
    table.notes.push_back("not every cell is there: the best is chosen among variants with " +
                          std::to_string(best.contender.cells.size()) +
                          " seed(s), differences are of seeds that both have");
  }
  for (const auto& row : table.rows) {
    if (row.contender.role != "single" || std::isnan(row.validation)) continue;
    const bool as_good = smaller ? row.validation <= best.validation : row.validation >= best.validation;
    if (as_good) {
      table.notes.push_back("WARNING: " + row.contender.name + " is as good on validation as the " +
                            "best variant: joining fields gains nothing here");
    }
  }
  int64_t most = 0;
  for (const auto& row : table.rows) most = std::max(most, row.rows ? row.rows->rows : 0);
  for (const auto& row : table.rows) {
    if (!row.rows || row.rows->rows == most || row.rows->rows == 0) continue;
    table.notes.push_back(row.contender.name + " answers " + std::to_string(row.rows->rows) +
                          " of " + std::to_string(most) +
                          " rows, those that have its field; it is tested on these");
  }
}

}  // namespace

void fill_table(StudyTable& table, std::vector<Contender> contenders, const RowGroups& groups) {
  const bool smaller = smaller_is_better(table.metric);
  for (auto& contender : contenders) {
    if (contender.role == "blind" || !contender.cells.empty())
      table.rows.push_back(row_of(std::move(contender), groups));
  }
  std::stable_sort(table.rows.begin(), table.rows.end(), [&](const TableRow& a, const TableRow& b) {
    if (place_of(a) != place_of(b)) return place_of(a) < place_of(b);
    return place_of(a) < 2 && is_better(a, b, smaller);
  });
  if (table.rows.empty() || place_of(table.rows[0]) != 0) return;
  table.rows[0].best = true;
  const auto& best = table.rows[0];
  for (size_t i = 1; i < table.rows.size(); ++i) {
    auto& row = table.rows[i];
    const auto seeds = common_seeds(best.contender, row.contender);
    row.against = AgainstBest{
        compare_rows(best.contender.scores, row.contender.scores, seeds, groups, table.metric),
        compare_over_seeds(best.contender, row.contender, seeds), {}, {}};
  }
  adjust(table.rows, [](AgainstBest& a) { return std::pair(&a.rows.comparison, &a.rows_p); });
  adjust(table.rows, [](AgainstBest& a) { return std::pair(&a.seeds, &a.seeds_p); });
  add_notes(table, best, smaller);
}

const TableRow* best_row(const StudyTable& table) {
  return !table.rows.empty() && table.rows[0].best ? &table.rows[0] : nullptr;
}

}  // namespace braid
