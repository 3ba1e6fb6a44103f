#include "braid/task/prompts.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/metric/classification.h"
#include "braid/task/field_vectors.h"

namespace braid {
namespace {

// Those with words, or all that the data has.
std::vector<std::string> known_classes(const PromptLanguage& language, const Dataset& data,
                                       const std::string& column) {
  std::vector<std::string> classes;
  for (const auto& [label, texts] : language.texts) classes.push_back(label);
  if (!classes.empty()) return classes;
  std::set<std::string> there;
  for (int64_t row = 0; row < data.size(); ++row) {
    for (auto& label : data.column(row, column)) there.insert(std::move(label));
  }
  return {there.begin(), there.end()};
}

// The number of each row's class; of rows without a class nothing. Throws for a class unknown.
std::map<int64_t, int64_t> labels_of(const Question& question, const Dataset& data,
                                     const std::vector<std::string>& classes) {
  const auto& protocol = question.protocol;
  std::map<int64_t, int64_t> labels;
  for (const int64_t row : question.query_rows) {
    const auto own = data.column(row, protocol.labels.column);
    if (own.empty()) continue;
    if (own.size() > 1) {
      throw Error(ErrorCode::kConfig, "protocol " + protocol.name + ": " + data.where(row) + ": " +
                                          std::to_string(own.size()) + " classes in column '" +
                                          protocol.labels.column + "', expected one");
    }
    const auto at = std::find(classes.begin(), classes.end(), own[0]);
    if (at == classes.end()) {
      throw Error(ErrorCode::kConfig, "protocol " + protocol.name + ": " + data.where(row) +
                                          ": class '" + own[0] + "' has no words in labels.texts" +
                                          did_you_mean(own[0], classes));
    }
    labels[row] = at - classes.begin();
  }
  if (labels.empty()) {
    throw Error(ErrorCode::kConfig, "protocol " + protocol.name +
                                        ": no row has a class in column '" +
                                        protocol.labels.column + "'");
  }
  return labels;
}

void add_to(std::span<float> sum, std::span<const float> row) {
  for (size_t d = 0; d < sum.size(); ++d) sum[d] += row[d];
}

void make_unit(std::span<float> row, const std::string& name) {
  double square = 0;
  for (const float x : row) square += double{x} * x;
  if (!(square > 1e-12)) {
    throw Error(ErrorCode::kInput,
                "class '" + name + "': its texts cancel each other; give it fewer or other ones");
  }
  for (float& x : row) x = static_cast<float>(x / std::sqrt(square));
}

// The classes that may be guessed, and the rows of which classes are asked about.
struct Trial {
  std::string prefix;            // of the metrics' names
  std::vector<bool> candidates;  // a class each
  std::vector<bool> asked;
};

std::vector<Trial> trials_of(const std::vector<std::string>& classes,
                             const std::vector<std::string>& withheld) {
  const std::vector<bool> all(classes.size(), true);
  std::vector<bool> seen, unseen;
  for (const auto& name : classes) {
    unseen.push_back(std::find(withheld.begin(), withheld.end(), name) != withheld.end());
    seen.push_back(!unseen.back());
  }
  const bool any = std::find(unseen.begin(), unseen.end(), true) != unseen.end();
  if (!any) return {{"", all, all}};
  return {{"", seen, seen}, {"zero_shot_", unseen, unseen}, {"generalised_", all, unseen}};
}

Array picked_rows(const Array& from, const std::vector<size_t>& rows) {
  const auto width = static_cast<size_t>(from.size(1));
  Array out(DType::kF32, {static_cast<int64_t>(rows.size()), from.size(1)});
  for (size_t i = 0; i < rows.size(); ++i) {
    std::memcpy(out.mutable_values<float>().data() + i * width,
                from.values<float>().data() + rows[i] * width, width * sizeof(float));
  }
  return out;
}

// Nothing where no row is asked about.
std::vector<Metric> run_trial(const Trial& trial, const FieldVectors& values,
                              const std::map<int64_t, int64_t>& labels, const ClassVectors& classes,
                              const Metric& about) {
  std::vector<size_t> candidates, asked;
  std::map<int64_t, int64_t> place;  // of a class among the candidates
  std::vector<std::string> names;
  for (size_t c = 0; c < classes.classes.size(); ++c) {
    if (!trial.candidates[c]) continue;
    place[static_cast<int64_t>(c)] = static_cast<int64_t>(candidates.size());
    candidates.push_back(c);
    names.push_back(classes.classes[c]);
  }
  std::vector<ClassRank> ranked;
  std::vector<std::vector<int64_t>> relevant;
  for (size_t i = 0; i < values.rows.size(); ++i) {
    const auto label = labels.find(values.rows[i]);
    if (label == labels.end() || !trial.asked[static_cast<size_t>(label->second)]) continue;
    asked.push_back(i);
    relevant.push_back({place.at(label->second)});
    ranked.push_back({0, place.at(label->second), values.rows[i]});
  }
  if (asked.empty()) return {};
  const auto rank =
      ranks(picked_rows(values.vectors, asked), picked_rows(classes.vectors, candidates), relevant);
  for (size_t i = 0; i < rank.size(); ++i) ranked[i].rank = rank[i];
  auto metrics = classification_metrics(ranked, names, about);
  for (auto& metric : metrics) metric.name = trial.prefix + metric.name;
  return metrics;
}

}  // namespace

ClassVectors class_vectors(Model& model, size_t field, const Modality& modality,
                           const std::vector<std::string>& classes,
                           const std::vector<std::vector<std::string>>& prompts,
                           const EmbedOptions& options) {
  std::vector<Value> values;
  std::vector<size_t> owner;
  for (size_t c = 0; c < classes.size(); ++c) {
    for (const auto& text : prompts.at(c)) {
      values.push_back({text, {}, {}});
      owner.push_back(c);
    }
  }
  const auto embedded = embed_values(model, field, modality, values, options);
  if (!embedded.bad.empty()) {
    const auto& bad = embedded.bad[0];
    throw Error(ErrorCode::kInput,
                "prompt '" + values[static_cast<size_t>(bad.row)].text + "': " + bad.message);
  }
  const auto width = static_cast<size_t>(embedded.vectors.size(1));
  ClassVectors result{classes, Array(DType::kF32, {static_cast<int64_t>(classes.size()),
                                                   embedded.vectors.size(1)})};
  const auto sums = result.vectors.mutable_values<float>();
  std::fill(sums.begin(), sums.end(), 0.0f);
  const auto rows = embedded.vectors.values<float>();
  for (size_t i = 0; i < owner.size(); ++i)
    add_to(sums.subspan(owner[i] * width, width), rows.subspan(i * width, width));
  for (size_t c = 0; c < classes.size(); ++c) make_unit(sums.subspan(c * width, width), classes[c]);
  return result;
}

RetrievalResult evaluate_prompts(Model& model, const Dataset& data,
                                 const std::vector<const Modality*>& modalities,
                                 const Question& question, const RetrievalOptions& options) {
  const auto& protocol = question.protocol;
  const auto languages = parse_prompts(protocol);
  const auto classes = known_classes(languages[0], data, protocol.labels.column);
  if (classes.size() < 2) {
    throw Error(ErrorCode::kConfig, "protocol " + protocol.name +
                                        ": expected two classes or more, " + "got " +
                                        std::to_string(classes.size()));
  }
  const auto labels = labels_of(question, data, classes);
  const auto& field = data.fields()[question.against];
  RetrievalResult result;
  Metric about;
  about.query_field = field.field;
  about.gallery_field = data.fields()[question.query].field;
  about.direction = field.field + "->" + protocol.labels.column;
  about.protocol = protocol.name;
  about.split = protocol.split;
  about.seed = options.seed;
  int64_t good = 0;
  for (size_t source = 0; source < field.columns.size(); ++source) {
    const auto values =
        embed_rows(model, data, question.against, source, *modalities[question.against],
                   question.query_rows, options.embed, &result.bad);
    good += values.values;
    for (const auto& language : languages) {
      std::vector<std::vector<std::string>> prompts;
      for (const auto& name : classes) prompts.push_back(language.prompts(name));
      const auto vectors = class_vectors(model, question.query, *modalities[question.query],
                                         classes, prompts, options.embed);
      about.language = language.language;
      for (const auto& trial : trials_of(classes, question.withheld)) {
        for (auto& metric : run_trial(trial, values, labels, vectors, about))
          result.metrics.push_back(std::move(metric));
      }
    }
  }
  check_bad(result.bad, good, options.max_bad);
  return result;
}

}  // namespace braid
