#include "braid/study/contenders.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/engine/loaded_run.h"
#include "braid/engine/predictions_file.h"
#include "braid/engine/run_record.h"
#include "braid/engine/task_facts.h"
#include "braid/metric/inputs_table.h"

namespace braid {
namespace {

constexpr const char* kBlind[] = {"prior", "mean", "median"};

std::vector<Metric> metrics_of(const RunDirectory& run, const std::string& split) {
  for (auto& record : read_evaluation_records(run)) {
    if (record.split == split) return std::move(record.metrics);
  }
  return {};
}

std::vector<KeptAnswers> answers_of(const RunDirectory& run, const Recipe& recipe,
                                    const std::string& split) {
  if (recipe.tasks.empty()) return {};
  return read_kept_answers(predictions_path(run, split), recipe);
}

// The facts of each task, in the order of the answers.
template <class Score>
std::vector<QuestionScore> scores_of(const std::vector<KeptAnswers>& answers, const Recipe& recipe,
                                     const std::vector<TargetFacts>& facts, Score score) {
  std::vector<QuestionScore> all;
  for (const auto& kept : answers) {
    auto one = score(kept, facts.at(recipe.task_index(kept.task.name)));
    if (one) all.push_back(std::move(*one));
  }
  return all;
}

// What blind answers say to the rows of a finished run. Of retrieval, chance.
void add_blind(const RunDirectory& run, const StudyPlan& plan, const Recipe& recipe,
               Findings& out) {
  const auto validation = metrics_of(run, plan.validation), test = metrics_of(run, plan.split);
  const auto answers = answers_of(run, recipe, plan.split);
  const auto facts = read_task_facts(run.path(), recipe);
  for (const char* blind : kBlind) {
    Contender contender;
    contender.name = contender.role = "blind";
    contender.name = blind;
    contender.validation = mean_metric(validation, plan.metric, blind);
    contender.value = mean_metric(test, plan.metric, blind);
    if (std::isnan(contender.value)) continue;
    const auto scores = scores_of(answers, recipe, facts, [&](const auto& kept, const auto& own) {
      return score_blind(kept, own, plan.metric, blind);
    });
    for (const int64_t seed : plan.seeds) contender.scores[seed] = scores;
    out.contenders.push_back(std::move(contender));
  }
  if (!recipe.tasks.empty()) return;
  const auto chance = [&](const std::vector<Metric>& metrics) {
    double sum = 0, count = 0;
    for (const auto& metric : metrics) {
      if (metric.name != plan.metric || !metric.label.empty() || !metric.chance) continue;
      sum += *metric.chance;
      ++count;
    }
    return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
  };
  Contender contender;
  contender.name = "chance";
  contender.role = "blind";
  contender.validation = chance(validation);
  contender.value = chance(test);
  if (std::isfinite(contender.value)) out.contenders.push_back(std::move(contender));
}

}  // namespace

double mean_metric(const std::vector<Metric>& metrics, const std::string& name,
                   const std::string& inputs) {
  double sum = 0, count = 0;
  const auto add = [&](const Metric& metric) {
    if (metric.name != name || !metric.label.empty() || std::isnan(metric.value)) return;
    sum += metric.value;
    ++count;
  };
  if (inputs.empty()) {
    for (const auto& metric : first_inputs(metrics)) add(metric);
  } else {
    for (const auto& metric : metrics) {
      if (!metric.task.empty() && metric.query_field == inputs) add(metric);
    }
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

Findings read_findings(const StudyFolder& folder, const StudyPlan& plan) {
  Findings out;
  bool blind = false;
  std::string first_run;
  for (size_t v = 0; v < plan.variants.size(); ++v) {
    const auto& variant = plan.variants[v];
    Contender contender;
    contender.name = variant.name;
    contender.role = variant.role == Role::kSingle ? "single" : "variant";
    contender.settings = variant.settings;
    for (const int64_t seed : plan.seeds) {
      if (folder.state(plan, {v, seed}) != CellState::kDone) continue;
      const auto run = RunDirectory::open(folder.run(variant.name, seed));
      const auto hash = run.stamp().data_hash;
      if (out.data_hash.empty()) {
        out.data_hash = hash;
        first_run = run.path().string();
      } else if (hash != out.data_hash) {
        throw Error(ErrorCode::kState,
                    run.path().string() + ": trained on other data than " + first_run +
                        ": the data changed while the study ran; begin it anew");
      }
      const auto training = read_training_record(run);
      contender.cells.push_back({seed, mean_metric(metrics_of(run, plan.validation), plan.metric),
                                 mean_metric(metrics_of(run, plan.split), plan.metric),
                                 training->seconds, training->peak_memory_mb});
      contender.parameters = training->parameters;
      contender.flops = training->flops_per_sample;
      out.cpu = training->cpu;
      const auto facts = read_task_facts(run.path(), variant.recipe);
      const auto answers = answers_of(run, variant.recipe, plan.split);
      auto scores = scores_of(answers, variant.recipe, facts, [&](const auto& kept, const auto& own) {
        return score_answers(kept, own, plan.metric);
      });
      if (!variant.recipe.tasks.empty()) contender.scores[seed] = std::move(scores);
      if (!blind && variant.role == Role::kVariant) add_blind(run, plan, variant.recipe, out);
      blind = blind || variant.role == Role::kVariant;
    }
    if (!contender.cells.empty()) out.contenders.push_back(std::move(contender));
  }
  return out;
}

RowGroups read_groups(const Recipe& recipe, const std::string& split, const std::string& column) {
  RowGroups groups;
  if (column.empty()) return groups;
  const auto data = open_data(recipe, recipe.sources());
  std::set<std::string> columns;
  for (const int64_t row : data->rows(split)) {
    const auto values = data->column(row, column);
    if (!values.empty()) groups[data->key(row)] = values[0];
    if (!groups.empty()) continue;
    const auto json = nlohmann::json::parse(data->row_json(row), nullptr, false);
    if (json.is_object()) {
      for (const auto& [name, value] : json.items()) columns.insert(name);
    }
  }
  if (!groups.empty()) return groups;
  const std::vector<std::string> known(columns.begin(), columns.end());
  throw Error(ErrorCode::kUsage, "--group: no row of split '" + split + "' has column '" + column +
                                     "'" + did_you_mean(column, known) + "; there are: " +
                                     join(known, ", "));
}

}  // namespace braid
