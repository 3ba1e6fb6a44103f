#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "braid/core/text.h"
#include "braid/metric/metric.h"
#include "braid/metric/task_table.h"

namespace braid {
namespace {

std::string metric_number(const Metric& metric, double value) {
  char text[32];
  std::snprintf(text, sizeof text, metric.name == "median_rank" ? "%.1f" : "%.3f", value);
  return text;
}

std::vector<std::string> protocol_words(const Metric& m) {
  std::vector<std::string> words;
  if (!m.protocol.empty()) words.push_back("protocol " + m.protocol);
  if (!m.split.empty()) words.push_back(m.split);
  if (!m.task.empty()) words.push_back(m.task);
  if (!m.direction.empty()) words.push_back(m.direction);
  if (!m.language.empty()) words.push_back(m.language);
  if (m.task.empty()) words.push_back("gallery " + std::to_string(m.gallery));
  if (!m.task.empty() && m.gallery > 0) words.push_back("classes " + std::to_string(m.gallery));
  words.push_back("n " + std::to_string(m.n));
  if (m.captions_per_item > 1) words.push_back("captions " + std::to_string(m.captions_per_item));
  words.push_back("seed " + std::to_string(m.seed));
  return words;
}

std::string line_name(const Metric& m) {
  return m.label.empty() ? m.name : "  of " + printable(m.label);
}

std::string metric_line(const Metric& m, size_t name_columns) {
  auto text = "  " + line_name(m);
  text.resize(std::max(text.size(), 2 + name_columns), ' ');
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, " %9s   95 %% interval %9s .. %s",
                metric_number(m, m.value).c_str(), metric_number(m, m.low).c_str(),
                metric_number(m, m.high).c_str());
  text += numbers;
  if (!m.label.empty()) return text + "   n " + std::to_string(m.n) + "\n";
  return text + (m.chance ? "   chance " + metric_number(m, *m.chance) : "") + "\n";
}

std::string wrapped(const std::vector<std::string>& words) {
  constexpr size_t kColumns = 80;
  std::string text, line;
  for (const auto& word : words) {
    if (!line.empty() && line.size() + 2 + word.size() > kColumns) {
      text += line + "\n";
      line = "  ";
    } else if (!line.empty()) {
      line += "  ";
    }
    line += word;
  }
  return text + line + "\n";
}

}  // namespace

bool smaller_is_better(const std::string& name) {
  static const std::set<std::string> kNames = {"median_rank", "hamming", "nll", "brier", "ece",
                                               "mae",         "rmse",    "cer", "wer"};
  return kNames.contains(name);
}

std::string metrics_json(std::span<const Metric> metrics) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& m : metrics) {
    nlohmann::ordered_json chance;  // null where it is not known
    if (m.chance) chance = *m.chance;
    nlohmann::ordered_json object = {{"name", m.name},
                                     {"direction", m.direction},
                                     {"query_field", m.query_field},
                                     {"gallery_field", m.gallery_field},
                                     {"language", m.language},
                                     {"protocol", m.protocol},
                                     {"gallery", m.gallery},
                                     {"captions_per_item", m.captions_per_item},
                                     {"n", m.n},
                                     {"split", m.split},
                                     {"seed", m.seed},
                                     {"value", m.value},
                                     {"low", m.low},
                                     {"high", m.high},
                                     {"label", m.label},
                                     {"chance", chance}};
    if (!m.task.empty()) object["task"] = m.task;
    if (!m.absent.empty()) object["absent"] = m.absent;
    list.push_back(std::move(object));
  }
  return list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string metrics_table(std::span<const Metric> metrics) {
  size_t name_columns = 16;
  for (const auto& m : metrics) {
    if (m.label.empty()) name_columns = std::max(name_columns, m.name.size());
  }
  std::string text, last;
  for (size_t i = 0; i < metrics.size();) {
    const auto& m = metrics[i];
    const auto heading = wrapped(protocol_words(m));
    if (heading != last && m.label.empty()) {  // classes stand below the heading of all of them
      text += (last.empty() ? "" : "\n") + heading;
      last = heading;
    }
    if (m.task.empty()) {
      text += metric_line(m, name_columns);
      ++i;
      continue;
    }
    size_t end = i;  // of the metrics below one heading
    while (end < metrics.size() && !metrics[end].task.empty() &&
           (!metrics[end].label.empty() || wrapped(protocol_words(metrics[end])) == heading)) {
      ++end;
    }
    end = std::max(end, i + 1);
    text += task_table(metrics.subspan(i, end - i));
    i = end;
  }
  return text;
}

}  // namespace braid
