// braid predict
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/file.h"
#include "braid/core/text.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

struct PredictArguments {
  std::string run, data, out, attention, device = "auto";
  bool json = false, quiet = false;
};

std::string dumped(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json map_of(const std::vector<std::pair<std::string, double>>& values) {
  Json map = Json::object();
  for (const auto& [name, value] : values) map[name] = value;
  return map;
}

Json json_of(const Prediction& row) {
  Json tasks = Json::object();
  for (const auto& answer : row.answers) {
    Json one = Json::object();
    if (answer.kind == "generation" || answer.kind == "transcription") {
      one["texts"] = answer.labels;
    } else if (answer.kind == "regression") {
      one["values"] = map_of(answer.values);
    } else {
      one["labels"] = answer.labels;
      one["probabilities"] = map_of(answer.values);
    }
    tasks[answer.task] = std::move(one);
  }
  Json json = {{"where", row.where}};
  if (!row.key.empty()) json["key"] = row.key;
  json["fields"] = row.fields;
  json["tasks"] = std::move(tasks);
  if (!row.alpha.empty()) json["alpha"] = map_of(row.alpha);
  return json;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string probability_of(const TaskAnswer& answer, const std::string& label) {
  for (const auto& [name, p] : answer.values) {
    if (name == label) return " (" + number(p) + ")";
    if (label == "false") return " (" + number(1 - p) + ")";  // of matching, which has one value
  }
  return "";
}

std::string answer_text(const TaskAnswer& answer) {
  std::vector<std::string> parts;
  if (answer.kind == "regression") {
    for (const auto& [name, value] : answer.values) parts.push_back(name + " " + number(value));
  } else {
    for (const auto& label : answer.labels) parts.push_back(label + probability_of(answer, label));
  }
  return answer.task + ": " + (parts.empty() ? "none" : join(parts, ", "));
}

void print_row(const Prediction& row) {
  std::string text = row.key.empty() ? row.where : row.key;
  for (const auto& answer : row.answers) text += "  " + answer_text(answer);
  if (row.answers.empty()) text += "  nothing to answer from";
  std::vector<std::string> weights;
  for (const auto& [field, weight] : row.alpha) weights.push_back(field + " " + number(weight));
  if (!weights.empty()) text += "  [" + join(weights, ", ") + "]";
  std::printf("%s\n", printable(text).c_str());
}

void run_predict(const PredictArguments& a) {
  const auto summary = engine().predict(
      {a.run, a.data, a.attention}, {progress_display(a.quiet), &stop_on_signals(), a.device});
  print_bad(summary.bad);
  if (!a.out.empty()) {
    std::string lines;
    for (const auto& row : summary.rows) lines += dumped(json_of(row), -1) + "\n";
    write_atomic(a.out, std::string_view(lines));
  }
  if (a.json) {
    Json rows = Json::array(), bad = Json::array();
    for (const auto& row : summary.rows) rows.push_back(json_of(row));
    for (const auto& sample : summary.bad)
      bad.push_back({{"where", sample.where}, {"message", sample.message}});
    const Json object = {{"run", a.run}, {"rows", rows}, {"bad", bad}};
    std::puts(dumped(object, 2).c_str());
  } else if (a.out.empty()) {
    for (const auto& row : summary.rows) print_row(row);
  } else {
    std::printf("%s: %zu rows\n", a.out.c_str(), summary.rows.size());
  }
}

}  // namespace

void add_predict(CLI::App& app) {
  auto* verb = app.add_subcommand("predict", "Answer the tasks of a run for new rows");
  auto a = std::make_shared<PredictArguments>();
  verb->add_option("run", a->run, "run directory of a recipe with tasks")->required();
  verb->add_option("data", a->data, "manifest with the recipe's columns, all or some")->required();
  verb->add_option("-o,--out", a->out, "file to write, one JSON object a row");
  verb->add_option("--attention", a->attention,
                   "safetensors file to write: how the fields of each row look at each other, of "
                   "recipes with interaction");
  add_device(*verb, a->device);
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n  braid predict runs/digits new.jsonl\n"
      "  braid predict runs/digits new.jsonl -o answers.jsonl\n"
      "  braid predict runs/vqa new.jsonl --attention looks.safetensors\n");
  verb->callback([a] { run_predict(*a); });
}

}  // namespace braid
