#include "braid/metric/inputs_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "braid/core/text.h"

namespace braid {
namespace {

constexpr size_t kNameColumns = 25, kShown = 3;
constexpr const char* kTelling[] = {"accuracy", "average_precision", "rmse",        "mae", "r2",
                                    "macro_f1", "nll",               "vqa_accuracy",
                                    "exact_match", "cider_d", "chrf"};

using Key = std::pair<std::string, std::string>;  // protocol; task, and language of what it writes

Key key_of(const Metric& metric) {
  return {metric.protocol, metric.task + (metric.language.empty() ? "" : " " + metric.language)};
}

struct Group {
  std::vector<std::string> inputs;  // in the order of the metrics
  std::map<std::string, std::map<std::string, const Metric*>> by_input;  // and by name
};

std::vector<std::pair<Key, Group>> groups_by_task(std::span<const Metric> metrics) {
  std::vector<std::pair<Key, Group>> groups;
  for (const auto& metric : metrics) {
    if (metric.task.empty() || !metric.label.empty()) continue;
    auto at = std::find_if(groups.begin(), groups.end(),
                           [&](const auto& group) { return group.first == key_of(metric); });
    if (at == groups.end()) at = groups.insert(groups.end(), {key_of(metric), {}});
    auto& group = at->second;
    if (!group.by_input.contains(metric.query_field)) group.inputs.push_back(metric.query_field);
    group.by_input[metric.query_field][metric.name] = &metric;
  }
  return groups;
}

std::string figure(double value) {
  if (std::isnan(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, std::abs(value) < 1000 ? "%.3f" : "%.4g", value);
  return text;
}

std::string padded(std::string text, size_t columns) {
  if (text.size() > columns) text = text.substr(0, columns - 2) + "..";
  return text + std::string(columns - std::min(columns, text.size()), ' ');
}

std::string right(const std::string& text, size_t columns) {
  return std::string(columns - std::min(columns, text.size()), ' ') + text;
}

// As the head of a column.
std::string short_name(const std::string& name) {
  if (name == "average_precision") return "avg_prec";
  if (name == "exact_match") return "exact";
  return name == "vqa_accuracy" ? "vqa" : name;
}

std::vector<std::string> shown_of(const Group& group) {
  std::vector<std::string> shown;
  for (const char* name : kTelling) {
    if (group.by_input.at(group.inputs[0]).contains(name) && shown.size() < kShown)
      shown.push_back(name);
  }
  return shown;
}

std::string table_of(const Key& key, const Group& group) {
  const auto shown = shown_of(group);
  if (shown.empty()) return "";
  std::string text = "\n" + printable("inputs of " + key.second + ", protocol " + key.first) + "\n";
  text += "  " + padded("", kNameColumns) + right("n", 7) + right(short_name(shown[0]), 10) +
          right("95 % interval", 18);
  for (size_t i = 1; i < shown.size(); ++i) text += right(short_name(shown[i]), 9);
  for (const auto& input : group.inputs) {
    const auto& own = group.by_input.at(input);
    const auto find = [&](const std::string& name) {
      const auto at = own.find(name);
      return at == own.end() ? nullptr : at->second;
    };
    const auto* first = find(shown[0]);
    text += "\n  " + padded(printable(input), kNameColumns) +
            right(first ? std::to_string(first->n) : "-", 7) +
            right(first ? figure(first->value) : "-", 10) +
            right(first ? figure(first->low) + " .. " + figure(first->high) : "-", 18);
    for (size_t i = 1; i < shown.size(); ++i) {
      const auto* other = find(shown[i]);
      text += right(other ? figure(other->value) : "-", 9);
    }
  }
  return text + "\n";
}

}  // namespace

std::vector<Metric> first_inputs(std::span<const Metric> metrics) {
  std::map<Key, std::string> first;
  std::vector<Metric> kept;
  for (const auto& metric : metrics) {
    if (!metric.task.empty()) {
      const auto known = first.emplace(key_of(metric), metric.query_field).first;
      if (known->second != metric.query_field) continue;
    }
    kept.push_back(metric);
  }
  return kept;
}

std::vector<std::string> telling_metrics(std::span<const Metric> metrics) {
  const auto groups = groups_by_task(metrics);
  return groups.empty() ? std::vector<std::string>() : shown_of(groups[0].second);
}

std::string inputs_tables(std::span<const Metric> metrics) {
  std::string text;
  for (const auto& [key, group] : groups_by_task(metrics)) {
    if (group.inputs.size() > 1) text += table_of(key, group);
  }
  return text;
}

}  // namespace braid
