#include "braid/engine/predictions_file.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "braid/core/file.h"
#include "braid/task/text_metrics.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

// Arrays of one shape [N, C] -> [S, N, C].
Array stacked(const std::vector<Array>& parts) {
  auto shape = parts[0].shape();
  shape.insert(shape.begin(), static_cast<int64_t>(parts.size()));
  Array out(parts[0].dtype(), shape);
  auto* to = out.mutable_bytes();
  for (const auto& part : parts) {
    std::memcpy(to, part.bytes(), part.byte_size());
    to += part.byte_size();
  }
  return out;
}

Json about(const TaskPredictions& p) {
  Json sets = Json::array();
  for (const auto& set : p.answers->sets) sets.push_back(set_name(set, p.answers->fields));
  Json object = {{"kind", p.task.kind}, {"fields", p.answers->fields}, {"sets", sets}};
  object[p.facts.columns.empty() ? "classes" : "columns"] =
      p.facts.columns.empty() ? p.facts.classes : p.facts.columns;
  object["keys"] = p.keys;
  return object;
}

// What was written with a field's values shuffled, by row: a map for each field.
std::vector<std::unordered_map<int64_t, std::string>> shuffled_texts(const TaskPredictions& p,
                                                                     size_t language) {
  const auto& answers = *p.answers;
  if (answers.shuffled_texts.empty()) return {};
  std::vector<std::unordered_map<int64_t, std::string>> all;
  for (const auto& texts : answers.shuffled_texts[p.number]) {
    auto& own = all.emplace_back();
    for (size_t r = 0; !texts.empty() && r < answers.shuffled_rows.size(); ++r)
      own.emplace(answers.shuffled_rows[r], texts[language][r]);
  }
  return all;
}

// A line for each row with a reference of the language.
std::string text_lines(const TaskPredictions& p, size_t language) {
  const auto& answers = *p.answers;
  const auto& texts = answers.texts[p.number];
  const auto shuffled = shuffled_texts(p, language);
  std::string lines;
  for (int64_t n = 0; n < std::ssize(answers.rows); ++n) {
    const auto references = references_of(p.targets, n, static_cast<int64_t>(language));
    if (references.empty() || !answers.carries(n, 0)) continue;
    const auto at = static_cast<size_t>(n);
    Json line = {{"key", p.keys[at]},
                 {"where", p.data->where(answers.rows[at])},
                 {"answer", texts[0][language][at]},
                 {"references", references}};
    for (size_t set = 1; set < answers.sets.size(); ++set)
      line["others"][set_name(answers.sets[set], answers.fields)] = texts[set][language][at];
    for (size_t field = 0; field < shuffled.size(); ++field) {
      if (const auto found = shuffled[field].find(n); found != shuffled[field].end())
        line["shuffled"][answers.fields[field]] = found->second;
    }
    lines += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return lines;
}

// A file a language.
void write_texts_files(const std::filesystem::path& path, const TaskPredictions& p) {
  auto protocol = p.protocol;
  std::replace(protocol.begin(), protocol.end(), '/', '_');
  for (size_t language = 0; language < p.facts.languages.size(); ++language) {
    const auto& label = p.facts.languages[language];
    auto to = path;
    to.replace_extension("." + protocol + "." + p.task.name + (label.empty() ? "" : "." + label) +
                         ".jsonl");
    write_atomic(to, std::string_view(text_lines(p, language)));
  }
}

}  // namespace

std::filesystem::path predictions_path(const RunDirectory& run, const std::string& split) {
  auto name = split;  // a split may be called anything; a file may not
  std::replace(name.begin(), name.end(), '/', '_');
  return run.path() / ("predictions-" + name + ".safetensors");
}

void write_predictions(const std::filesystem::path& path,
                       const std::vector<TaskPredictions>& predictions) {
  if (predictions.empty()) return;
  TensorFile file;
  for (const auto& p : predictions) {
    const auto name = p.protocol + "/" + p.task.name;
    const auto rows = static_cast<int64_t>(p.answers->rows.size());
    file.metadata[name] = about(p).dump(-1, ' ', false, Json::error_handler_t::replace);
    if (p.task.writes()) {
      write_texts_files(path, p);
    } else {
      file.tensors.emplace_back(name + "/answers", stacked(p.answers->answers[p.number]));
    }
    if (p.targets.columns > 0) {
      file.tensors.emplace_back(name + "/targets", Array::of<double>({rows, p.targets.columns},
                                                                     std::span(p.targets.values)));
    }
    const auto& unseen = p.targets.has_unseen;
    if (std::any_of(unseen.begin(), unseen.end(), [](uint8_t u) { return u != 0; }))
      file.tensors.emplace_back(name + "/unseen", Array::of<uint8_t>({rows}, std::span(unseen)));
    file.tensors.emplace_back(
        name + "/present",
        Array::of<uint8_t>({rows, static_cast<int64_t>(p.answers->fields.size())},
                           std::span(p.answers->present)));
    if (!p.answers->alpha[0].empty())
      file.tensors.emplace_back(name + "/alpha", stacked(p.answers->alpha));
    if (!p.shapley.empty()) {
      file.tensors.emplace_back(name + "/shapley",
                                Array::of<double>({rows, std::ssize(p.answers->fields)},
                                                  std::span(p.shapley)));
    }
  }
  write_safetensors(path, file);
}

}  // namespace braid
