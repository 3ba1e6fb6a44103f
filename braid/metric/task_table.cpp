#include "braid/metric/task_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "braid/metric/columns.h"

namespace braid {
namespace {

constexpr size_t kTableColumns = 80;

// Errors of regression have the target's unit, so any size; all others are shares and the like.
bool has_unit(const std::string& name) { return name == "mae" || name == "rmse"; }

std::string task_number(const Metric& metric, double value) {
  if (std::isnan(value)) return "-";  // a figure without an interval
  char text[32];
  std::snprintf(text, sizeof text, has_unit(metric.name) ? "%.4g" : "%.3f", value);
  return text;
}

std::string task_line(const Metric& m) {
  auto line = "  " + left_cell(m.name, 20);
  if (!m.absent.empty()) return line + right_cell("-", 10) + "   " + left_cell(m.absent, 45);
  line += right_cell(task_number(m, m.value), 10) + right_cell(task_number(m, m.low), 13) + " .. " +
          left_cell(task_number(m, m.high), 10);
  return line + right_cell(m.chance ? task_number(m, *m.chance) : "", 10);
}

void append_line(std::string line, std::string* text) {
  line.erase(line.find_last_not_of(' ') + 1);
  *text += line + "\n";
}

size_t column_width(const std::string& name) {
  const bool any_size = has_unit(name) || name == "r2";
  return std::max<size_t>(any_size ? 9 : 7, name.size()) + 1;
}

// Metrics that have a label: rows are labels, columns names, in order of first sight.
std::string label_table(const std::vector<const Metric*>& metrics) {
  std::vector<std::string> labels, names;
  const auto remember = [](std::vector<std::string>& list, const std::string& word) {
    if (std::find(list.begin(), list.end(), word) == list.end()) list.push_back(word);
  };
  for (const auto* m : metrics) {
    remember(names, m->name);
    if (labels.empty() || labels.back() != m->label) remember(labels, m->label);
  }
  size_t taken = 2 + 7;
  for (const auto& name : names) taken += column_width(name);
  const size_t first = taken + 8 < kTableColumns ? std::min<size_t>(kTableColumns - taken, 20) : 8;
  std::string text, head = "  " + left_cell("", first) + right_cell("n", 7);
  for (const auto& name : names) head += right_cell(name, column_width(name));
  append_line(head, &text);
  for (const auto& label : labels) {
    std::string line;
    for (const auto& name : names) {
      const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const Metric* m) {
        return m->label == label && m->name == name;
      });
      const Metric* m = found == metrics.end() ? nullptr : *found;
      if (m != nullptr && line.empty()) {
        line = "  " + left_cell(label, first) + right_cell(std::to_string(m->n), 7);
      }
      const bool there = m != nullptr && m->absent.empty();
      line += right_cell(there ? task_number(*m, m->value) : "-", column_width(name));
    }
    append_line(line, &text);
  }
  return text;
}

}  // namespace

std::string task_table(std::span<const Metric> metrics) {
  std::string text;
  std::vector<const Metric*> labelled;
  for (const auto& m : metrics) {
    if (!m.label.empty()) {
      labelled.push_back(&m);
      continue;
    }
    if (text.empty()) {
      append_line("  " + left_cell("", 20) + right_cell("value", 10) + "     95 % interval     " +
                      right_cell("chance", 14),
                  &text);
    }
    append_line(task_line(m), &text);
  }
  return labelled.empty() ? text : text + label_table(labelled);
}

}  // namespace braid
