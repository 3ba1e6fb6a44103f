#include "braid/engine/predictions_file.h"

#include <algorithm>
#include <cstring>

#include <nlohmann/json.hpp>

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
    file.tensors.emplace_back(name + "/answers", stacked(p.answers->answers[p.number]));
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
