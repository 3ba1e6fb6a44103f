#include "braid/recipe/eval_checks.h"

#include <algorithm>

#include "braid/core/text.h"
#include "braid/metric/classification.h"
#include "braid/metric/error_rates.h"
#include "braid/metric/generation_scores.h"
#include "braid/metric/scores.h"

namespace braid {

void check_field(const Recipe& recipe, const std::string& name, const ConfigNode& at) {
  std::vector<std::string> known;
  for (const auto& [field, config] : recipe.fields) {
    if (field == name) return;
    known.push_back(field);
  }
  at.fail("no field '" + name + "'" + did_you_mean(name, known) + "; fields: " + join(known, ", "));
}

namespace {

// Fills in the task.
void check_task(const Recipe& recipe, ProtocolConfig& protocol, const ConfigNode& at) {
  std::vector<std::string> known;
  for (const auto& task : recipe.tasks) known.push_back(task.name);
  if (known.empty()) at.fail("kind: task: the recipe has no `tasks`");
  if (protocol.task.empty() && known.size() == 1) protocol.task = known[0];
  if (protocol.task.empty())
    at.fail("a protocol of kind task needs `task`; there are: " + join(known, ", "));
  if (std::find(known.begin(), known.end(), protocol.task) != known.end()) return;
  at.find("task")->fail("no task '" + protocol.task + "'" + did_you_mean(protocol.task, known) +
                        "; tasks: " + join(known, ", "));
}

}  // namespace

void check_protocols(const ConfigNode& node, Recipe& recipe) {
  const auto* list = node.find("protocols");
  for (size_t i = 0; i < recipe.eval.protocols.size(); ++i) {
    auto& protocol = recipe.eval.protocols[i];
    const auto& at = list->kind() == ConfigNode::Kind::kList ? list->items()[i] : *list;
    if (protocol.split.empty())
      at.fail("a protocol needs `split`, by which `braid eval --split` asks for it");
    if (protocol.name.empty()) protocol.name = protocol.split;
    for (const auto& name : {protocol.query, protocol.against, protocol.of}) {
      if (!name.empty()) check_field(recipe, name, at);
    }
    if (!protocol.from.is_null()) parse_sources(protocol.from);
    if (protocol.kind == ProtocolKind::kTask) check_task(recipe, protocol, at);
    check_protocol_kind(protocol, at);
  }
}

namespace {

std::vector<std::string> metrics_of(const TaskConfig& task) {
  if (task.transcribes()) return transcription_score_names();
  if (task.writes()) return generation_score_names();
  if (task.kind == "regression") return regression_score_names();
  return task.multi() ? multi_label_score_names() : classification_score_names();
}

std::vector<std::string> retrieval_names() {
  std::vector<std::string> names;
  for (const auto& metric : retrieval_metrics({1}, {0}, {})) names.push_back(metric.name);
  return names;
}

std::vector<std::string> metrics_of(const Recipe& recipe, const ProtocolConfig& protocol) {
  if (protocol.kind == ProtocolKind::kTask)
    return metrics_of(recipe.tasks[recipe.task_index(protocol.task)]);
  return protocol.kind == ProtocolKind::kPrompts ? classification_metric_names()
                                                 : retrieval_names();
}

// What is asked of the validation split, by kind and task alone: the recipe's, or the defaults.
std::vector<ProtocolConfig> validation_protocols(const Recipe& recipe) {
  std::vector<ProtocolConfig> asked;
  for (const auto& protocol : recipe.eval.protocols) {
    if (protocol.split == recipe.eval.validation) asked.push_back(protocol);
  }
  if (!recipe.eval.protocols.empty()) return asked;
  if (recipe.tasks.empty() || recipe.aligns_fields()) asked.emplace_back();
  for (const auto& task : recipe.tasks) {
    auto& protocol = asked.emplace_back();
    protocol.kind = ProtocolKind::kTask;
    protocol.task = task.name;
  }
  return asked;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Some protocol that chooses weights must measure what they are chosen by.
void check_metric_is_measured(const ConfigNode& node, const Recipe& recipe) {
  const auto asked = validation_protocols(recipe);
  std::vector<std::string> there;
  for (const auto& protocol : asked) {
    for (auto& name : metrics_of(recipe, protocol)) {
      if (name == recipe.eval.metric) return;
      if (!has(there, name)) there.push_back(std::move(name));
    }
  }
  if (asked.empty()) return;
  const auto* at = node.find("metric");
  (at ? *at : node)
      .fail("eval.metric: no protocol of split '" + recipe.eval.validation + "' measures " +
            recipe.eval.metric + "; its protocols measure: " + join(there, ", "));
}

}  // namespace

void decide_metric(const ConfigNode* eval, Recipe& recipe) {
  if (recipe.tasks.empty() || (eval && eval->find("metric"))) return;
  for (const auto& protocol : validation_protocols(recipe)) {
    if (protocol.kind != ProtocolKind::kTask) continue;
    const auto& task = recipe.tasks[recipe.task_index(protocol.task)];
    recipe.eval.metric = task.transcribes()          ? "cer"
                         : task.writes()             ? "chrf"
                         : task.kind == "regression" ? "rmse"
                         : task.multi()          ? "average_precision"
                                                   : "accuracy";
    return;
  }
}

void check_metric(const ConfigNode& node, const Recipe& recipe) {
  auto known = retrieval_names();
  for (const auto& names : {classification_metric_names(), classification_score_names(),
                            multi_label_score_names(), regression_score_names(),
                            generation_score_names(), transcription_score_names()}) {
    for (const auto& name : names) {
      if (!has(known, name)) known.push_back(name);
    }
  }
  const auto& wanted = recipe.eval.metric;
  if (has(known, wanted)) return check_metric_is_measured(node, recipe);
  node.find("metric")->fail("eval.metric: no metric '" + wanted + "'" +
                            did_you_mean(wanted, known) + "; there are: " + join(known, ", "));
}

}  // namespace braid
