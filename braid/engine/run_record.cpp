#include "braid/engine/run_record.h"

#include <algorithm>
#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"

namespace braid {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr size_t kExamples = 6;

void write_json(const fs::path& path, const Json& json) {
  write_atomic(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

// Reads with `use`; turns whatever is wrong inside into an error that names the file.
template <class Use>
auto with_json(const fs::path& path, Use use) {
  try {
    return use(Json::parse(read_text(path, 64 << 20)));
  } catch (const Json::exception& problem) {
    throw Error(ErrorCode::kInput, path.string() + ": not what a run writes: " + problem.what());
  }
}

// A split may be called anything; a file may not.
std::string file_name(std::string split) {
  std::replace(split.begin(), split.end(), '/', '_');
  return split + ".json";
}

Json stages_json(const StageSeconds& stages) {
  Json json = Json::object();
  each_stage(stages, [&](const char* name, double seconds) { json[name] = seconds; });
  return json;
}

// Runs of before have none.
StageSeconds read_stages(const Json& record) {
  StageSeconds stages;
  if (!record.contains("stages")) return stages;
  each_stage(stages, [&](const char* name, double& s) { s = record["stages"].value(name, 0.0); });
  return stages;
}

Json loading_json(const EpochLoading& l) {
  return {{"epochs", l.epochs},
          {"samples", l.samples},
          {"seconds", l.seconds},
          {"samples_per_s", l.samples_per_s()},
          {"mb_per_s", l.mb_per_s()},
          {"bytes", l.bytes},
          {"values_from_memory", l.origins.memory},
          {"values_from_disk_cache", l.origins.disk},
          {"values_decoded", l.origins.decoded}};
}

// Runs of before have none.
Loading read_loading(const Json& record) {
  if (!record.contains("loading")) return {};
  const auto read = [&](const char* which) {
    const auto& j = record["loading"].at(which);
    return EpochLoading{j.at("epochs"),
                        j.at("samples"),
                        j.at("bytes"),
                        j.at("seconds"),
                        {j.at("values_from_memory"), j.at("values_from_disk_cache"),
                         j.at("values_decoded")}};
  };
  return {read("first"), read("later")};
}

Json example_json(const std::vector<Example>& examples, const fs::path& run) {
  Json list = Json::array();
  for (const auto& example : examples) {
    Json hits = Json::array();
    for (const auto& hit : example.hits) {
      const auto file = hit.value.file.empty() ? "" : fs::relative(hit.value.file, run).string();
      hits.push_back({{"file", file},
                      {"member", hit.value.member},
                      {"caption", hit.caption},
                      {"score", hit.score},
                      {"truth", hit.truth}});
    }
    list.push_back({{"query", example.query},
                    {"language", example.language},
                    {"protocol", example.protocol},
                    {"rank", example.rank},
                    {"hits", hits}});
  }
  return list;
}

std::vector<Example> read_examples(const Json& list, const fs::path& run) {
  std::vector<Example> examples;
  for (const auto& item : list) {
    Example example{
        item.at("query"), item.at("language"), item.at("protocol"), item.at("rank"), {}};
    for (const auto& hit : item.at("hits")) {
      const std::string file = hit.at("file");
      example.hits.push_back({{"", file.empty() ? fs::path() : run / file, hit.at("member")},
                              hit.at("caption"),
                              hit.at("score"),
                              hit.at("truth")});
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

// Runs of before have none.
std::optional<double> read_chance(const Json& m) {
  if (!m.contains("chance") || m["chance"].is_null()) return std::nullopt;
  return m["chance"].get<double>();
}

// null: the metric does not exist, `absent` says why.
double read_value(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

Metric read_metric(const Json& m) {
  return {m.at("name"),
          m.at("direction"),
          m.at("query_field"),
          m.at("gallery_field"),
          m.at("language"),
          m.at("protocol"),
          m.at("gallery"),
          m.at("captions_per_item"),
          m.at("n"),
          m.at("split"),
          m.at("seed"),
          read_value(m.at("value")),
          read_value(m.at("low")),
          read_value(m.at("high")),
          m.value("label", ""),
          read_chance(m),
          m.value("task", ""),
          m.value("absent", "")};
}

size_t field_named(const Dataset& data, const std::string& name) {
  for (size_t i = 0; i < data.fields().size(); ++i) {
    if (data.fields()[i].field == name) return i;
  }
  throw Error(ErrorCode::kInternal, "no field '" + name + "' in the data set");
}

// Outcomes in `order`, at most one of a row, up to kExamples.
std::vector<Example> pick(const Recipe& recipe, const std::vector<const Outcome*>& order,
                          const Dataset& data, size_t gallery_field) {
  std::vector<Example> examples;
  std::set<int64_t> seen;
  for (const auto* outcome : order) {
    if (examples.size() == kExamples) break;
    if (!seen.insert(outcome->row).second) continue;
    Example example{outcome->text, outcome->language, outcome->protocol, outcome->rank, {}};
    const auto add = [&](int64_t row, double score) {
      const auto values = data.values(row, gallery_field, 0);
      if (values.empty()) return;
      example.hits.push_back(
          {values[0], row_caption(recipe, data, row), score, row == outcome->row});
    };
    for (size_t k = 0; k < outcome->top.size(); ++k) add(outcome->top[k], outcome->scores[k]);
    examples.push_back(std::move(example));
  }
  return examples;
}

double margin(const Outcome& outcome) {
  return outcome.scores.size() < 2 ? 0 : outcome.scores[0] - outcome.scores[1];
}

}  // namespace

std::string row_caption(const Recipe& recipe, const Dataset& data, int64_t row) {
  std::vector<std::string> parts;
  for (const auto& column : recipe.display) {
    for (const auto& text : data.column(row, column)) {
      parts.push_back(text);
      break;
    }
  }
  if (!parts.empty()) return join(parts, " · ");
  for (size_t field = 0; field < data.fields().size(); ++field) {
    if (data.fields()[field].modality != "text") continue;
    for (size_t source = 0; source < data.fields()[field].columns.size(); ++source) {
      const auto values = data.values(row, field, source);
      if (!values.empty()) return values[0].text;
    }
  }
  return data.key(row);
}

void write_training_record(const RunDirectory& run, const TrainingRecord& r) {
  write_json(run.path() / "training.json", {{"steps", r.steps},
                                            {"seconds", r.seconds},
                                            {"samples_per_s", r.samples_per_s},
                                            {"wait_share", r.wait_share},
                                            {"stages", stages_json(r.stages)},
                                            {"loading",
                                             {{"first", loading_json(r.loading.first)},
                                              {"later", loading_json(r.loading.later)}}},
                                            {"peak_memory_mb", r.peak_memory_mb},
                                            {"parameters", r.parameters},
                                            {"frozen_parameters", r.frozen_parameters},
                                            {"flops_per_sample", r.flops_per_sample},
                                            {"threads", r.threads},
                                            {"capability", r.capability},
                                            {"cpu", r.cpu},
                                            {"device", r.device},
                                            {"precision", r.precision},
                                            {"best", r.best},
                                            {"best_step", r.best_step},
                                            {"command", r.command},
                                            {"bad", r.bad},
                                            {"learned", r.learned}});
}

std::optional<TrainingRecord> read_training_record(const RunDirectory& run) {
  const auto path = run.path() / "training.json";
  if (!fs::exists(path)) return std::nullopt;
  return with_json(path, [](const Json& j) {
    return TrainingRecord{j.at("steps"),
                          j.at("seconds"),
                          j.at("samples_per_s"),
                          j.at("wait_share"),
                          read_stages(j),
                          read_loading(j),
                          j.at("peak_memory_mb"),
                          j.at("parameters"),
                          j.value("frozen_parameters", int64_t{0}),
                          j.at("flops_per_sample"),
                          j.at("threads"),
                          j.at("capability"),
                          j.at("cpu"),
                          j.value("device", "cpu"),  // older runs know no other
                          j.value("precision", "fp32"),
                          j.at("best"),
                          j.at("best_step"),
                          j.at("command"),
                          j.at("bad"),
                          j.value("learned", std::vector<std::string>{})};
  });
}

EvaluationRecord make_evaluation_record(const Recipe& recipe, const std::string& split,
                                        const EvaluationResult& result, const Dataset& data) {
  EvaluationRecord record{split, result.metrics, result.geometry,     {}, {}, {},
                          result.notes, result.contributions, {}};
  for (const auto& task : result.predictions) record.tasks.push_back(make_task_record(task));
  for (const auto& bad : result.bad) record.bad.push_back(bad.where + ": " + bad.message);
  if (result.outcomes.empty()) return record;
  size_t gallery = 0;
  for (const auto& metric : result.metrics) {
    if (metric.protocol == result.outcomes[0].protocol) {
      gallery = field_named(data, metric.gallery_field);
      break;
    }
  }
  std::vector<const Outcome*> order;
  for (const auto& outcome : result.outcomes) order.push_back(&outcome);
  std::stable_sort(order.begin(), order.end(), [](const Outcome* a, const Outcome* b) {
    return a->rank != b->rank ? a->rank < b->rank : margin(*a) > margin(*b);
  });
  record.best = pick(recipe, order, data, gallery);
  std::reverse(order.begin(), order.end());
  record.worst = pick(recipe, order, data, gallery);
  return record;
}

void write_evaluation_record(const RunDirectory& run, const EvaluationRecord& record) {
  Json geometry = Json::array();
  for (const auto& g : record.geometry) {
    geometry.push_back({{"protocol", g.protocol},
                        {"language", g.language},
                        {"gap", g.gap},
                        {"alignment", g.alignment},
                        {"uniformity_query", g.uniformity_query},
                        {"uniformity_gallery", g.uniformity_gallery},
                        {"query_field", g.query_field},
                        {"gallery_field", g.gallery_field}});
  }
  const auto folder = run.path() / "evaluations";
  make_folder(folder);
  Json json = {{"split", record.split},
               {"metrics", Json::parse(metrics_json(record.metrics))},
               {"geometry", geometry},
               {"best", example_json(record.best, run.path())},
               {"worst", example_json(record.worst, run.path())},
               {"bad", record.bad}};
  if (!record.notes.empty()) json["notes"] = record.notes;
  if (!record.contributions.empty())
    json["contributions"] = Json::parse(contributions_json(record.contributions));
  for (const auto& task : record.tasks)
    json["tasks"].push_back(task_record_json(task, run.path()));
  write_json(folder / file_name(record.split), json);
}

std::vector<EvaluationRecord> read_evaluation_records(const RunDirectory& run) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(run.path() / "evaluations", ignored)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<EvaluationRecord> records;
  for (const auto& file : files) {
    records.push_back(with_json(file, [&](const Json& j) {
      EvaluationRecord record{j.at("split"),
                              {},
                              {},
                              read_examples(j.at("best"), run.path()),
                              read_examples(j.at("worst"), run.path()),
                              j.at("bad"),
                              j.value("notes", std::vector<std::string>{}),
                              {},
                              {}};
      for (const auto& c : j.value("contributions", Json::array()))
        record.contributions.push_back(read_contribution(c));
      for (const auto& task : j.value("tasks", Json::array()))
        record.tasks.push_back(read_task_record(task, run.path()));
      for (const auto& m : j.at("metrics")) record.metrics.push_back(read_metric(m));
      for (const auto& g : j.at("geometry")) {
        record.geometry.push_back({g.at("protocol"), g.at("language"), g.at("gap"),
                                   g.at("alignment"), g.at("uniformity_query"),
                                   g.at("uniformity_gallery"), g.value("query_field", ""),
                                   g.value("gallery_field", "")});
      }
      return record;
    }));
  }
  return records;
}

}  // namespace braid
