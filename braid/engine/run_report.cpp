#include "braid/engine/run_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/data/inspect.h"
#include "braid/engine/loaded_run.h"
#include "braid/engine/run_record.h"
#include "braid/report/metrics_log.h"
#include "braid/report/report.h"
#include "braid/report/value_thumbnail.h"

namespace braid {
namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string with_unit(double value) {
  const char* units[] = {"", " thousand", " million", " billion", " trillion"};
  size_t unit = 0;
  for (; value >= 1000 && unit < 4; ++unit) value /= 1000;
  return fixed(value, unit ? 2 : 0) + units[unit];
}

Facts identity(const Recipe& recipe, const RunStamp& stamp) {
  return {{"recipe", recipe.name},
          {"run", stamp.id},
          {"seed", std::to_string(stamp.seed)},
          {"data hash", stamp.data_hash},
          {"weights hash", stamp.weights_hash},
          {"braid", stamp.version},
          {"licence of the data", stamp.licence.empty() ? "not stated" : stamp.licence}};
}

// "wait 0.2, forward 3.1, ...", or "not measured" for runs of before.
std::string stages_text(const StageSeconds& stages) {
  std::string text;
  double sum = 0;
  each_stage(stages, [&](const char* name, double seconds) {
    text += (text.empty() ? "" : ", ") + std::string(name) + " " + fixed(seconds, 1);
    sum += seconds;
  });
  return sum > 0 ? text : "not measured";
}

std::string parameters_text(const TrainingRecord& r) {
  const auto all = with_unit(static_cast<double>(r.parameters));
  if (r.frozen_parameters == 0) return all;
  return all + ", of them frozen " + with_unit(static_cast<double>(r.frozen_parameters));
}

Facts costs(const TrainingRecord& r) {
  return {
      {"training time", fixed(r.seconds, 0) + " s"},
      {"steps", std::to_string(r.steps)},
      {"samples a second, in steps", fixed(r.samples_per_s, 0)},
      {"waiting for the loader", fixed(100 * r.wait_share, 1) + " % of step time"},
      {"loader, first epoch", loading_text(r.loading.first)},
      {"loader, later epochs", loading_text(r.loading.later)},
      {"seconds by stage", stages_text(r.stages)},
      {"peak memory", std::to_string(r.peak_memory_mb) + " MB"},
      {"parameters", parameters_text(r)},
      {"operations a sample, forward", with_unit(r.flops_per_sample)},
      {"machine", r.cpu + ", " + std::to_string(r.threads) + " threads, " + r.capability +
                      (r.device == "cpu" ? "" : "; " + r.device) + "; products in " + r.precision},
      {"best validation score",
       r.best_step < 0 ? "none" : fixed(r.best, 4) + " at step " + std::to_string(r.best_step)}};
}

// Lines whose names start with `prefix`, what follows it as their names.
Curve curve_of(const std::vector<LogEntry>& log, const std::string& title,
               const std::string& y_name, const std::string& prefix) {
  std::set<std::string> names;
  for (const auto& entry : log) {
    for (const auto& [name, value] : entry.values) {
      if (name.starts_with(prefix)) names.insert(name);
    }
  }
  Curve curve{title, "step", y_name, {}};
  for (const auto& name : names) {
    curve.lines.push_back(log_line(log, name));
    if (name != prefix) curve.lines.back().name = name.substr(prefix.size());
  }
  return curve;
}

std::vector<Curve> curves_of(const RunDirectory& run) {
  const auto log = read_metrics_log(run.metrics());
  std::vector<Curve> curves = {curve_of(log, "Loss by term", "nats", "loss/"),
                               curve_of(log, "Validation", "score", "validation/"),
                               curve_of(log, "Accuracy in the batch", "share", "accuracy/"),
                               curve_of(log, "Geometry of the space", "", "geometry/"),
                               curve_of(log, "Temperature", "", "temperature/"),
                               curve_of(log, "Bias", "", "bias/"),
                               curve_of(log, "Mined negatives", "cosine", "hard_negatives/"),
                               curve_of(log, "Learning rate", "", "lr"),
                               curve_of(log, "Gradient norm", "", "gradient_norm"),
                               curve_of(log, "Samples a second", "1/s", "samples_per_s")};
  std::erase_if(curves, [](const Curve& curve) { return curve.lines.empty(); });
  return curves;
}

RetrievalExample shown(const Example& example) {
  RetrievalExample out;
  out.query = example.query;
  out.language = example.language;
  out.protocol = example.protocol;
  out.rank = example.rank;
  for (const auto& hit : example.hits)
    out.hits.push_back({fetch_thumbnail(hit.value), hit.caption, hit.score, hit.truth});
  return out;
}

std::vector<SampleView> shown(const std::vector<AnsweredSample>& samples) {
  std::vector<SampleView> out;
  for (const auto& s : samples) {
    SampleView view{s.where, s.truth, s.answer, s.confidence, s.alpha, s.shapley, {}, s.chrf};
    for (const auto& value : s.values) {
      auto& input = view.inputs.emplace_back(
          view_of_value(value.field, value.modality, value.value));
      for (const auto& heat : s.heat) {
        if (heat.field == value.field)
          input.heat = heat_thumbnail(input.picture, heat.values, heat.rows, heat.columns);
      }
    }
    out.push_back(std::move(view));
  }
  return out;
}

void add_tasks(const EvaluationRecord& record, Report* report) {
  for (const auto& task : record.tasks) {
    TaskReport out{task.protocol, record.split, task.task, task.kind, task.fields, {}, {}, {},
                   {},            {},           {}};
    for (const auto& metric : record.metrics) {
      if (metric.task == task.task && metric.protocol == task.protocol)
        out.metrics.push_back(metric);
    }
    for (const auto& contribution : record.contributions) {
      if (contribution.task == task.task && contribution.protocol == task.protocol)
        out.contribution = contribution;
    }
    out.confusion = task.confusion;
    out.reliability = task.reliability;
    out.telling = shown(task.telling);
    out.mistakes = shown(task.mistakes);
    out.best = shown(task.best);
    report->tasks.push_back(std::move(out));
  }
  for (const auto& note : record.notes) {
    if (note.starts_with("WARNING: ")) {
      report->warnings.push_back(record.split + ": " + note.substr(9));
    } else {
      report->problems.push_back(record.split + ": " + note);
    }
  }
}

// "vitals: age: numeric, ..." -> {"vitals: age", "numeric, ..."}
void add_learned(const std::vector<std::string>& learned, Report* report) {
  for (const auto& line : learned) {
    const size_t field = line.find(": "), name = line.find(": ", field + 2);
    report->audit.emplace_back(line.substr(0, name), line.substr(name + 2));
  }
}

void add_audit(const Recipe& recipe, Report* report) {
  InspectConfig config;
  config.data = recipe.data;
  for (auto& path : config.data.manifest) path = expand_environment(path);
  for (auto& [split, paths] : config.data.files) {
    for (auto& path : paths) path = expand_environment(path);
  }
  for (auto& path : config.data.allow_roots) path = expand_environment(path);
  config.base = recipe.base;
  config.fields = recipe.sources();
  const auto audit = inspect(config);
  report->audit = {{"rows", std::to_string(audit.rows)}};
  for (const auto& [split, count] : audit.splits)
    report->audit.emplace_back("rows of " + split, std::to_string(count));
  report->audit.emplace_back("files", std::to_string(audit.files) + ", " +
                                          fixed(static_cast<double>(audit.file_bytes) / 1e6, 1) +
                                          " MB");
  report->audit.emplace_back("unreadable files", std::to_string(audit.unreadable));
  report->audit.emplace_back("values in more than one split", std::to_string(audit.duplicates));
  for (const auto& column : audit.columns) {
    if (column.missing > 0)
      report->audit.emplace_back("missing in " + column.name, std::to_string(column.missing));
  }
  for (const auto& file : audit.unreadable_first)
    report->problems.push_back(file.where + ": " + file.value + ": " + file.message);
}

}  // namespace

void write_run_report(const RunDirectory& run) {
  auto recipe = load_recipe(run.recipe());
  Report report;
  report.title = recipe.name;
  report.facts = identity(recipe, run.stamp());
  report.curves = curves_of(run);
  const auto training = read_training_record(run);
  if (training) {
    report.cost = costs(*training);
    report.commands.push_back(training->command);
    for (const auto& bad : training->bad) report.problems.push_back("training: " + bad);
  }
  for (const auto& record : read_evaluation_records(run)) {
    report.metrics.insert(report.metrics.end(), record.metrics.begin(), record.metrics.end());
    report.commands.push_back("braid eval " + run.path().string() + " --split " + record.split);
    for (const auto& bad : record.bad) report.problems.push_back(record.split + ": " + bad);
    add_tasks(record, &report);
    // Pictures of the test split where it was asked, of the validation split before.
    if (!report.best.empty() && record.split == recipe.eval.validation) continue;
    report.best.clear();
    report.worst.clear();
    for (const auto& example : record.best) report.best.push_back(shown(example));
    for (const auto& example : record.worst) report.worst.push_back(shown(example));
  }
  // What was asked last in a run's life stands first: test before validation.
  std::stable_partition(report.tasks.begin(), report.tasks.end(), [&](const TaskReport& task) {
    return task.split != recipe.eval.validation;
  });
  add_audit(recipe, &report);
  if (training) add_learned(training->learned, &report);
  write_report(report, run.report());
}

}  // namespace braid
