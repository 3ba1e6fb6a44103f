#include "braid/task/target_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/data/cell.h"
#include "braid/head/classification.h"
#include "braid/task/target_texts.h"

namespace braid {
namespace {

constexpr double kNoTarget = std::numeric_limits<double>::quiet_NaN();

std::string target_key(const TaskConfig& task) { return "tasks." + task.name + ".target"; }

[[noreturn]] void fail(const TaskConfig& task, const std::string& problem) {
  throw Error(ErrorCode::kConfig, target_key(task) + ": " + problem);
}

[[noreturn]] void bad_row(const TaskConfig& task, const Dataset& data, int64_t row,
                          const std::string& problem) {
  throw Error(ErrorCode::kInput, data.where(row) + ": " + target_key(task) + ": " + problem);
}

bool read_number(const std::string& text, double* number) {
  size_t end = 0;
  try {
    *number = std::stod(text, &end);
  } catch (const std::exception&) {
    return false;
  }
  return end == text.size();
}

// Label -> the class that it is counted as, of `merge`.
std::map<std::string, std::string> merged_labels(const TaskConfig& task) {
  std::map<std::string, std::string> merged;
  const auto* node = task.node.find("merge");
  if (!node || node->is_null()) return merged;
  for (const auto& [name, labels] : node->entries()) {
    for (const auto& label : read<std::vector<std::string>>(labels)) {
      const auto [other, added] = merged.emplace(label, name);
      if (!added) labels.fail("merge: label '" + label + "' is in '" + other->second + "', too");
    }
  }
  return merged;
}

// The labels of a row, each once.
std::vector<std::string> labels_in(const TaskConfig& task,
                                   const std::map<std::string, std::string>& merged,
                                   const Dataset& data, int64_t row) {
  auto labels = data.column(row, task.target[0]);
  if (!task.multi() && labels.size() > 1) {
    bad_row(task, data, row,
            std::to_string(labels.size()) + " labels in column '" + task.target[0] +
                "', expected one; set labels: multi");
  }
  for (auto& label : labels) {
    const auto found = merged.find(label);
    if (found != merged.end()) label = found->second;
  }
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

double number_of(const TaskConfig& task, const Dataset& data, int64_t row,
                 const std::string& column) {
  const auto texts = data.column(row, column);
  if (texts.empty()) return kNoTarget;
  double number = 0;
  if (texts.size() > 1 || !read_number(texts[0], &number) || !std::isfinite(number)) {
    bad_row(task, data, row,
            "column '" + column + "': expected one finite number, got '" + join(texts, ", ") + "'");
  }
  return number;
}

// Numbers by size, other names by their bytes.
void sort_classes(std::vector<std::string>& classes) {
  double ignored = 0;
  const bool numbers = std::all_of(classes.begin(), classes.end(), [&](const std::string& name) {
    return read_number(name, &ignored) && std::isfinite(ignored);
  });
  std::sort(classes.begin(), classes.end(), [&](const std::string& a, const std::string& b) {
    double x = 0, y = 0;
    if (!numbers || !read_number(a, &x) || !read_number(b, &y) || x == y) return a < b;
    return x < y;
  });
}

// The columns there are, to suggest one.
std::vector<std::string> known_columns(const Dataset& data, const std::vector<int64_t>& rows) {
  std::set<std::string> names;
  for (size_t i = 0; i < rows.size() && i < 100; ++i) {
    for (auto& name : cell_names(parse_row(data.row_json(rows[i]), data.where(rows[i]))))
      names.insert(std::move(name));
  }
  return {names.begin(), names.end()};
}

[[noreturn]] void no_value(const TaskConfig& task, const std::string& column, const Dataset& data,
                           const std::vector<int64_t>& rows) {
  const auto known = known_columns(data, rows);
  const bool there = std::find(known.begin(), known.end(), column) != known.end();
  fail(task, "no row that is trained on has a value in column '" + column + "'" +
                 (there ? "" : did_you_mean(column, known) + "; there are: " + join(known, ", ")));
}

// What gives the answer away must not be read.
void check_inputs(const TaskConfig& task, const Dataset& data, const Recipe& recipe) {
  for (size_t i = 0; i < data.fields().size(); ++i) {
    const auto& field = data.fields()[i];
    if (!task.sees(field.field)) continue;
    const auto* columns = recipe.fields[i].second.modality.find("columns");
    for (const auto& [label, names] : field.columns) {
      for (const auto& target : task.target) {
        if (std::find(names.begin(), names.end(), target) == names.end()) continue;
        const auto* use = columns ? columns->find(target) : nullptr;
        if (use && use->text() == "skip") continue;
        fail(task,
             "field '" + field.field + "' reads column '" + target +
                 "', which is what the task must answer; leave it out of the field" +
                 (field.modality == "table" ? " (modality.columns: {" + target + ": skip})" : ""));
      }
    }
  }
}

// Of two classes, the one that metrics are about stands last.
void order_positive(const TaskConfig& task, std::vector<std::string>& classes) {
  const auto* node = task.node.find("positive");
  if (!node || node->text().empty()) return;
  const auto& wanted = node->text();
  if (classes.size() != 2) {
    throw Error(ErrorCode::kConfig, "tasks." + task.name + ".positive: of two classes only, the " +
                                        "training rows have " + std::to_string(classes.size()));
  }
  if (wanted == classes[0]) std::swap(classes[0], classes[1]);
  if (wanted == classes[1]) return;
  throw Error(ErrorCode::kConfig, "tasks." + task.name + ".positive: no class '" + wanted + "'" +
                                      did_you_mean(wanted, classes) +
                                      "; classes: " + join(classes, ", "));
}

TargetFacts learn_classes(const TaskConfig& task, const Dataset& data,
                          const std::vector<int64_t>& rows) {
  std::map<std::string, int64_t> counts;
  TargetFacts facts;
  const auto merged = merged_labels(task);
  for (const int64_t row : rows) {
    const auto labels = labels_in(task, merged, data, row);
    facts.rows += !labels.empty();
    for (const auto& label : labels) ++counts[label];
  }
  if (counts.empty()) no_value(task, task.target[0], data, rows);
  for (const auto& [name, count] : counts) facts.classes.push_back(name);
  sort_classes(facts.classes);
  order_positive(task, facts.classes);
  for (const auto& name : facts.classes) facts.counts.push_back(counts.at(name));
  const bool one =
      facts.classes.size() == 1 && (!task.multi() || counts.begin()->second == facts.rows);
  if (one) {
    fail(task, "column '" + task.target[0] + "' is '" + facts.classes[0] + "' in each of the " +
                   std::to_string(facts.rows) +
                   " rows that are trained on and have one: there is " +
                   "nothing to learn, expected two classes or more");
  }
  const bool keys = static_cast<int64_t>(facts.classes.size()) == facts.rows && facts.rows > 2;
  if (keys && !task.multi()) {
    fail(task, "column '" + task.target[0] + "' has another value in each of the " +
                   std::to_string(facts.rows) + " rows, such as '" + facts.classes[0] +
                   "': no class to learn; for numbers set kind: regression");
  }
  return facts;
}

TargetFacts learn_numbers(const TaskConfig& task, const Dataset& data,
                          const std::vector<int64_t>& rows) {
  TargetFacts facts;
  facts.columns = task.target;
  std::vector<std::vector<double>> numbers(task.target.size());
  for (const int64_t row : rows) {
    bool any = false;
    for (size_t k = 0; k < task.target.size(); ++k) {
      const double number = number_of(task, data, row, task.target[k]);
      if (std::isnan(number)) continue;
      numbers[k].push_back(number);
      any = true;
    }
    facts.rows += any;
  }
  for (size_t k = 0; k < task.target.size(); ++k) {
    auto& own = numbers[k];
    if (own.empty()) no_value(task, task.target[k], data, rows);
    std::sort(own.begin(), own.end());
    if (own.front() == own.back()) {
      fail(task, "column '" + task.target[k] + "' is " + number_text(own.front()) +
                     " in each of the " + std::to_string(own.size()) +
                     " rows that are trained on and have one: there " + "is nothing to learn");
    }
    const auto n = static_cast<double>(own.size());
    const double mean = std::accumulate(own.begin(), own.end(), 0.0) / n;
    double square = 0;
    for (const double x : own) square += (x - mean) * (x - mean);
    facts.mean.push_back(mean);
    facts.deviation.push_back(std::sqrt(square / n));
    facts.median.push_back((own[(own.size() - 1) / 2] + own[own.size() / 2]) / 2);
  }
  return facts;
}

class ClassReader {
 public:
  ClassReader(const TaskConfig& task, const TargetFacts& facts)
      : task_(task), facts_(facts), merged_(merged_labels(task)) {
    for (size_t c = 0; c < facts.classes.size(); ++c) number_[facts.classes[c]] = c;
  }

  // [K], appended to the table.
  void read(const Dataset& data, int64_t row, TargetTable& table) {
    const auto labels = labels_in(task_, merged_, data, row);
    std::vector<double> values(static_cast<size_t>(table.columns), kNoTarget);
    table.has_unseen.push_back(0);
    if (!labels.empty() && task_.multi()) std::fill(values.begin(), values.end(), 0);
    for (const auto& label : labels) {
      const auto found = number_.find(label);
      if (found == number_.end()) {
        note_unseen(label, data.where(row), table);
        table.has_unseen.back() = 1;
      }
      if (task_.multi()) {
        if (found != number_.end()) values[found->second] = 1;
      } else {
        values[0] = found == number_.end() ? kUnseenClass : static_cast<double>(found->second);
      }
    }
    table.values.insert(table.values.end(), values.begin(), values.end());
  }

 private:
  static void note_unseen(const std::string& label, const std::string& where, TargetTable& table) {
    for (auto& known : table.unseen) {
      if (known.label != label) continue;
      ++known.rows;
      return;
    }
    table.unseen.push_back({label, 1, where});
  }

  const TaskConfig& task_;
  const TargetFacts& facts_;
  const std::map<std::string, std::string> merged_;
  std::map<std::string, size_t> number_;
};

}  // namespace

std::span<const double> TargetTable::at(int64_t n) const {
  return {values.data() + n * columns, static_cast<size_t>(columns)};
}

bool TargetTable::known(int64_t n) const {
  if (!texts.empty()) return !texts[static_cast<size_t>(n)].empty();
  const auto own = at(n);
  return std::any_of(own.begin(), own.end(), [](double x) { return !std::isnan(x); });
}

bool TargetTable::knows_row(int64_t row) const {
  const auto found = place.find(row);
  return found != place.end() && known(found->second);
}

std::span<const double> TargetTable::of_row(int64_t row) const {
  const auto found = place.find(row);
  if (found == place.end() || !known(found->second)) return {};
  return at(found->second);
}

int64_t TargetTable::missing() const {
  int64_t count = 0;
  for (int64_t n = 0; n < static_cast<int64_t>(rows.size()); ++n) count += !known(n);
  return count;
}

TargetFacts learn_target(const TaskConfig& task, const Dataset& data,
                         const std::vector<int64_t>& rows) {
  if (task.target.empty()) return {static_cast<int64_t>(rows.size()), {}, {}, {}, {}, {}, {}};
  if (task.writes()) return learn_texts(task, data, rows);
  return task.kind == "regression" ? learn_numbers(task, data, rows)
                                   : learn_classes(task, data, rows);
}

std::vector<TargetFacts> learn_targets(const Recipe& recipe, const Dataset& data,
                                       const std::vector<int64_t>& rows) {
  std::vector<TargetFacts> all;
  for (const auto& task : recipe.tasks) {
    check_inputs(task, data, recipe);
    all.push_back(learn_target(task, data, rows));
  }
  return all;
}

TargetTable read_targets(const TaskConfig& task, const TargetFacts& facts, const Dataset& data,
                         const std::vector<int64_t>& rows) {
  TargetTable table;
  table.rows = rows;
  for (size_t n = 0; n < rows.size(); ++n) table.place[rows[n]] = static_cast<int64_t>(n);
  if (task.target.empty()) return table;
  if (task.writes()) {
    table.texts = read_texts(task, facts, data, rows);
    return table;
  }
  const bool numbers = task.kind == "regression";
  table.columns = numbers        ? static_cast<int64_t>(task.target.size())
                  : task.multi() ? static_cast<int64_t>(facts.classes.size())
                                 : 1;
  ClassReader classes(task, facts);
  for (const int64_t row : rows) {
    if (!numbers) {
      classes.read(data, row, table);
      continue;
    }
    for (const auto& column : task.target)
      table.values.push_back(number_of(task, data, row, column));
    table.has_unseen.push_back(0);
  }
  return table;
}

std::vector<TargetTable> read_all_targets(const Recipe& recipe,
                                          const std::vector<TargetFacts>& facts,
                                          const Dataset& data, const std::vector<int64_t>& rows) {
  std::vector<TargetTable> tables;
  for (size_t k = 0; k < recipe.tasks.size(); ++k)
    tables.push_back(read_targets(recipe.tasks[k], facts.at(k), data, rows));
  return tables;
}

}  // namespace braid
