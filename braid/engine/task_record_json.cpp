#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/engine/task_record.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using TaskJson = nlohmann::ordered_json;

constexpr size_t kLongestText = size_t{64} << 10;  // of a value that a page shows
constexpr double kHeatSteps = 1e6;                 // decimals of heat, which sums to 1

TaskJson value_json(const Value& value, const fs::path& run) {
  TaskJson json = {{"text", value.text.size() > kLongestText ? "" : value.text},
                   {"file", value.file.empty() ? "" : fs::relative(value.file, run).string()},
                   {"member", value.member}};
  if (!value.parts) return json;
  auto parts = TaskJson::array();
  for (const auto& part : *value.parts)
    parts.push_back({{"column", part.column}, {"value", value_json(part.value, run)}});
  json["parts"] = parts;
  return json;
}

Value value_from(const TaskJson& json, const fs::path& run) {
  const std::string file = json.at("file");
  Value value{json.at("text"), file.empty() ? fs::path() : run / file, json.at("member")};
  if (!json.contains("parts")) return value;
  std::vector<ValuePart> parts;
  for (const auto& part : json["parts"])
    parts.push_back({part.at("column"), value_from(part.at("value"), run)});
  value.parts = std::make_shared<const std::vector<ValuePart>>(std::move(parts));
  return value;
}

TaskJson heat_json(const SampleHeat& heat) {
  auto values = TaskJson::array();
  for (const double value : heat.values)
    values.push_back(std::round(value * kHeatSteps) / kHeatSteps);
  return {{"field", heat.field},
          {"rows", heat.rows},
          {"columns", heat.columns},
          {"values", values}};
}

SampleHeat heat_from(const TaskJson& json) {
  SampleHeat heat{json.at("field"), json.at("rows"), json.at("columns"), json.at("values")};
  if (heat.rows < 1 || heat.columns < 1 || std::ssize(heat.values) / heat.columns != heat.rows ||
      std::ssize(heat.values) % heat.columns != 0) {
    throw Error(ErrorCode::kInput, "heat of field '" + heat.field + "': expected " +
                                       std::to_string(heat.rows) + " x " +
                                       std::to_string(heat.columns) + " values, got " +
                                       std::to_string(heat.values.size()));
  }
  return heat;
}

TaskJson samples_json(const std::vector<AnsweredSample>& samples, const fs::path& run) {
  auto list = TaskJson::array();
  for (const auto& s : samples) {
    auto values = TaskJson::array();
    for (const auto& v : s.values) {
      values.push_back(
          {{"field", v.field}, {"modality", v.modality}, {"value", value_json(v.value, run)}});
    }
    TaskJson json = {{"where", s.where}, {"truth", s.truth}, {"answer", s.answer}};
    if (s.confidence) json["confidence"] = *s.confidence;
    if (!s.alpha.empty()) json["alpha"] = s.alpha;
    if (!s.shapley.empty()) json["shapley"] = s.shapley;
    json["values"] = values;
    if (s.chrf) json["chrf"] = *s.chrf;
    for (const auto& heat : s.heat) json["heat"].push_back(heat_json(heat));
    list.push_back(std::move(json));
  }
  return list;
}

std::vector<double> numbers_from(const TaskJson& json, const char* key) {
  std::vector<double> out;
  if (!json.contains(key)) return out;
  for (const auto& value : json[key]) {
    out.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                  : value.get<double>());
  }
  return out;
}

std::vector<AnsweredSample> samples_from(const TaskJson& list, const fs::path& run) {
  std::vector<AnsweredSample> out;
  for (const auto& json : list) {
    AnsweredSample s{json.at("where"), json.at("truth"), json.at("answer"), {}, {}, {}, {}};
    if (json.contains("confidence")) s.confidence = json["confidence"].get<double>();
    s.alpha = numbers_from(json, "alpha");
    s.shapley = numbers_from(json, "shapley");
    for (const auto& v : json.at("values"))
      s.values.push_back({v.at("field"), v.at("modality"), value_from(v.at("value"), run)});
    if (json.contains("chrf")) s.chrf = json["chrf"].get<double>();
    for (const auto& heat : json.value("heat", TaskJson::array()))
      s.heat.push_back(heat_from(heat));
    out.push_back(std::move(s));
  }
  return out;
}

// {"classes": [C], "cells": [[true, answered, count], ...]}, cells without a sample left out.
TaskJson cells_of(const Confusion& confusion) {
  auto cells = TaskJson::array();
  for (size_t label = 0; label < confusion.names.size(); ++label) {
    for (size_t answer = 0; answer < confusion.names.size(); ++answer) {
      const auto count = confusion.at(label, answer);
      if (count > 0) cells.push_back({label, answer, count});
    }
  }
  return {{"classes", confusion.names}, {"cells", cells}};
}

Confusion confusion_from(const TaskJson& json) {
  Confusion out;
  out.names = json.at("classes").get<std::vector<std::string>>();
  out.counts.resize(out.names.size() * out.names.size());
  for (const auto& cell : json.at("cells")) {
    const size_t at = cell.at(0).get<size_t>() * out.names.size() + cell.at(1).get<size_t>();
    if (at < out.counts.size()) out.counts[at] = cell.at(2);
  }
  return out;
}

std::optional<Estimate> estimate_from(const TaskJson& json) {
  if (json.is_null()) return {};
  return Estimate{json.at("value"), json.at("low"), json.at("high")};
}

}  // namespace

TaskJson task_record_json(const TaskRecord& record, const fs::path& run) {
  TaskJson json = {{"protocol", record.protocol},
                   {"task", record.task},
                   {"kind", record.kind},
                   {"fields", record.fields}};
  if (record.confusion) json["confusion"] = cells_of(*record.confusion);
  if (!record.reliability.empty())
    json["reliability"] = TaskJson::parse(reliability_json(record.reliability));
  json["mistakes"] = samples_json(record.mistakes, run);
  json["telling"] = samples_json(record.telling, run);
  if (!record.best.empty()) json["best"] = samples_json(record.best, run);
  return json;
}

TaskRecord read_task_record(const TaskJson& json, const fs::path& run) {
  TaskRecord record{json.at("protocol"), json.at("task"), json.at("kind"), json.at("fields"),
                    {},                  {},              {},              {}};
  if (json.contains("confusion")) record.confusion = confusion_from(json["confusion"]);
  if (json.contains("reliability")) {
    for (const auto& bin : json["reliability"]) {
      record.reliability.push_back({bin.at("low"), bin.at("high"), bin.at("count"),
                                    bin.at("confidence"), bin.at("right")});
    }
  }
  record.mistakes = samples_from(json.at("mistakes"), run);
  record.telling = samples_from(json.at("telling"), run);
  if (json.contains("best")) record.best = samples_from(json["best"], run);
  return record;
}

Contribution read_contribution(const TaskJson& json) {
  Contribution out;
  out.protocol = json.at("protocol");
  out.split = json.at("split");
  out.task = json.at("task");
  out.n = json.at("n");
  out.shuffled = json.at("shuffled");
  out.worths = json.at("worths").get<std::vector<std::string>>();
  for (const auto& own : json.at("fields")) {
    auto& field = out.fields.emplace_back();
    field.field = own.at("field");
    if (own.contains("alpha")) field.alpha = own["alpha"].get<double>();
    for (const auto& worth : out.worths) {
      const auto& share = own.at(worth);
      field.shares.push_back({estimate_from(share.at("shapley")), estimate_from(share.at("drop"))});
    }
  }
  if (json.contains("best_single")) {
    const auto& best = json["best_single"];
    out.single = {best.at("field"), best.at("alone"), best.at("together"),
                  *estimate_from(best.at("gain")), best.at("p")};
  }
  out.warnings = json.at("warnings").get<std::vector<std::string>>();
  return out;
}

}  // namespace braid
