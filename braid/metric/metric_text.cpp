#include <cstdio>
#include <nlohmann/json.hpp>

#include "braid/metric/metric.h"

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
  if (!m.direction.empty()) words.push_back(m.direction);
  if (!m.language.empty()) words.push_back(m.language);
  words.push_back("gallery " + std::to_string(m.gallery));
  words.push_back("n " + std::to_string(m.n));
  if (m.captions_per_item > 1) words.push_back("captions " + std::to_string(m.captions_per_item));
  words.push_back("seed " + std::to_string(m.seed));
  return words;
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

std::string metrics_json(std::span<const Metric> metrics) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& m : metrics) {
    list.push_back({{"name", m.name},
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
                    {"high", m.high}});
  }
  return list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string metrics_table(std::span<const Metric> metrics) {
  std::string text, last;
  for (const auto& m : metrics) {
    const auto heading = wrapped(protocol_words(m));
    if (heading != last) text += (last.empty() ? "" : "\n") + heading;
    last = heading;
    char line[128];
    std::snprintf(line, sizeof line, "  %-16.40s %9s   95 %% interval %9s .. %s\n", m.name.c_str(),
                  metric_number(m, m.value).c_str(), metric_number(m, m.low).c_str(),
                  metric_number(m, m.high).c_str());
    text += line;
  }
  return text;
}

}  // namespace braid
