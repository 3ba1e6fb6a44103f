#include <algorithm>
#include <cstdio>
#include <set>

#include <nlohmann/json.hpp>

#include "braid/metric/metric.h"

namespace braid {
namespace {

constexpr const char* kMatrixMetric = "recall@10";

size_t place_of(std::vector<std::string>& fields, const std::string& field) {
  const auto at = std::find(fields.begin(), fields.end(), field);
  const auto place = static_cast<size_t>(at - fields.begin());
  if (at == fields.end()) fields.push_back(field);
  return place;
}

MetricMatrix matrix_of(const std::vector<const Metric*>& own, const std::string& language) {
  MetricMatrix matrix{kMatrixMetric, own[0]->protocol, language, {}, {}};
  for (const auto* m : own) place_of(matrix.fields, m->query_field);
  for (const auto* m : own) place_of(matrix.fields, m->gallery_field);
  const size_t count = matrix.fields.size();
  matrix.values.assign(count, std::vector<std::optional<double>>(count));
  for (const auto* m : own) {
    if (!m->language.empty() && m->language != language) continue;
    matrix.values[place_of(matrix.fields, m->query_field)]
                 [place_of(matrix.fields, m->gallery_field)] = m->value;
  }
  return matrix;
}

// Columns of 12: names are cut where they are longer.
std::string cell(const std::string& text) {
  char out[64];
  std::snprintf(out, sizeof out, "%12.12s", text.c_str());
  return out;
}

}  // namespace

std::vector<MetricMatrix> recall_matrices(std::span<const Metric> metrics) {
  std::vector<std::string> protocols;
  for (const auto& m : metrics) {
    if (m.name == kMatrixMetric) place_of(protocols, m.protocol);
  }
  std::vector<MetricMatrix> matrices;
  for (const auto& protocol : protocols) {
    std::vector<const Metric*> own;
    std::set<std::string> fields, languages;
    for (const auto& m : metrics) {
      if (m.name != kMatrixMetric || m.protocol != protocol) continue;
      own.push_back(&m);
      fields.insert({m.query_field, m.gallery_field});
      if (!m.language.empty()) languages.insert(m.language);
    }
    if (fields.size() < 3) continue;
    if (languages.empty()) languages.insert("");
    for (const auto& language : languages) matrices.push_back(matrix_of(own, language));
  }
  return matrices;
}

std::string matrix_table(const MetricMatrix& matrix) {
  std::string text = matrix.name + "  protocol " + matrix.protocol;
  if (!matrix.language.empty()) text += "  " + matrix.language;
  text += "  (rows ask, columns are searched)\n" + cell("");
  for (const auto& field : matrix.fields) text += cell(field);
  text += "\n";
  for (size_t asks = 0; asks < matrix.fields.size(); ++asks) {
    text += cell(matrix.fields[asks]);
    for (const auto& value : matrix.values[asks]) {
      char number[32] = "-";
      if (value) std::snprintf(number, sizeof number, "%.3f", *value);
      text += cell(number);
    }
    text += "\n";
  }
  return text;
}

std::string matrices_json(std::span<const MetricMatrix> matrices) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& matrix : matrices) {
    auto values = nlohmann::ordered_json::object();
    for (size_t asks = 0; asks < matrix.fields.size(); ++asks) {
      auto& row = values[matrix.fields[asks]] = nlohmann::ordered_json::object();
      for (size_t searched = 0; searched < matrix.fields.size(); ++searched) {
        const auto& value = matrix.values[asks][searched];
        if (value) row[matrix.fields[searched]] = *value;
      }
    }
    list.push_back({{"name", matrix.name},
                    {"protocol", matrix.protocol},
                    {"language", matrix.language},
                    {"values", values}});
  }
  return list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace braid
