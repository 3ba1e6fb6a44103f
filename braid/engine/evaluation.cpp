#include "braid/engine/evaluation.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/task/prompts.h"
#include "braid/task/task_contribution.h"
#include "braid/task/task_metrics.h"

namespace braid {

std::vector<ProtocolConfig> every_pair(const Recipe& recipe, const std::string& name,
                                       const std::string& split) {
  const auto is_text = [&](size_t field) {
    return recipe.fields[field].second.modality.find("kind")->text() == "text";
  };
  std::vector<ProtocolConfig> pairs;
  for (size_t a = 0; a < recipe.fields.size(); ++a) {
    for (size_t b = a + 1; b < recipe.fields.size(); ++b) {
      const bool b_asks = is_text(b) && !is_text(a);
      ProtocolConfig pair;
      pair.name = name;
      pair.split = split;
      pair.query = recipe.fields[b_asks ? b : a].first;
      pair.against = recipe.fields[b_asks ? a : b].first;
      pairs.push_back(std::move(pair));
    }
  }
  return pairs;
}

std::vector<ProtocolConfig> every_question(const Recipe& recipe, const std::string& name,
                                           const std::string& split) {
  std::vector<ProtocolConfig> all;
  if (recipe.tasks.empty() || recipe.aligns_fields()) all = every_pair(recipe, name, split);
  for (const auto& task : recipe.tasks) {
    auto& protocol = all.emplace_back();
    protocol.name = name;
    protocol.split = split;
    protocol.kind = ProtocolKind::kTask;
    protocol.task = task.name;
  }
  return all;
}

std::vector<ProtocolConfig> protocols_of(const Recipe& recipe, const std::string& split) {
  std::vector<ProtocolConfig> picked;
  std::vector<std::string> known;
  for (const auto& protocol : recipe.eval.protocols) {
    if (protocol.split == split) picked.push_back(protocol);
    known.push_back(protocol.split);
  }
  if (recipe.eval.protocols.empty()) return every_question(recipe, split, split);
  if (picked.empty()) {
    known.erase(std::unique(known.begin(), known.end()), known.end());
    throw Error(ErrorCode::kUsage, "no protocol of this recipe is about split '" + split + "'" +
                                       did_you_mean(split, known) +
                                       "; splits: " + join(known, ", "));
  }
  return picked;
}

std::vector<FieldSource> protocol_sources(const Recipe& recipe, const ProtocolConfig& protocol) {
  auto sources = recipe.sources();
  if (protocol.from.is_null()) return sources;
  for (auto& source : sources) {
    const bool asks =
        protocol.query.empty() ? source.modality == "text" : source.field == protocol.query;
    if (!asks) continue;
    source.columns = parse_sources(protocol.from);
    break;
  }
  return sources;
}

Evaluator::Evaluator(const Recipe& recipe, const std::vector<TargetFacts>& facts,
                     const std::vector<ProtocolConfig>& protocols,
                     const std::filesystem::path& manifest)
    : tasks_(recipe.tasks), facts_(facts), metric_(recipe.eval.metric) {
  for (const auto& protocol : protocols) {
    Open open;
    open.question.protocol = protocol;
    for (const auto& other : open_) {  // the recipe's own columns are read once
      const bool own = protocol.from.is_null() && other.question.protocol.from.is_null();
      if (own) open.data = other.data;
    }
    if (!open.data) open.data = open_data(recipe, protocol_sources(recipe, protocol), manifest);
    if (protocol.kind == ProtocolKind::kTask) {
      open.task = resolve_task_question(recipe, facts, *open.data, protocol);
    } else {
      open.question = resolve_question(recipe, *open.data, protocol);
    }
    open_.push_back(std::move(open));
  }
}

const std::vector<int64_t>& Evaluator::rows(size_t protocol) const {
  const auto& open = open_.at(protocol);
  return open.task ? open.task->targets.rows : open.question.gallery_rows;
}

void Evaluator::judge(const Open& open, std::shared_ptr<const JointAnswers> answers,
                      const RetrievalOptions& options, Detail detail, EvaluationResult& all) const {
  const auto& question = *open.task;
  Metric about;
  about.protocol = question.protocol.name;
  about.split = question.protocol.split;
  about.seed = options.seed;
  const Judged judged{&tasks_[question.task], &facts_[question.task], &question.targets,
                      answers.get(), question.task, metric_};
  auto metrics =
      detail == Detail::kScore ? brief_task_metrics(judged, about) : task_metrics(judged, about);
  std::move(metrics.begin(), metrics.end(), std::back_inserter(all.metrics));
  if (detail == Detail::kScore) return;
  auto notes = task_notes(judged, about);
  std::move(notes.begin(), notes.end(), std::back_inserter(all.notes));
  TaskPredictions kept{
      question.protocol.name, tasks_[question.task], facts_[question.task], question.targets, {},
      std::move(answers),     question.task,         {}, open.data};
  if (auto contribution = task_contribution(judged, about)) {
    for (const auto& warning : contribution->summary.warnings) {
      all.notes.push_back("WARNING: task " + judged.task->name + ", protocol " + about.protocol +
                          ": " + warning);
    }
    all.contributions.push_back(std::move(contribution->summary));
    kept.shapley = std::move(contribution->shapley);
  }
  for (const int64_t row : question.targets.rows) kept.keys.push_back(open.data->key(row));
  all.predictions.push_back(std::move(kept));
}

EvaluationResult Evaluator::run(Model& model, const std::vector<const Modality*>& modalities,
                                const RetrievalOptions& options, Detail detail) const {
  EvaluationResult all;
  VectorMemo memo;
  std::shared_ptr<const JointAnswers> answers;  // of the last question, which the next may share
  const Dataset* answered = nullptr;
  auto remembering = options;
  remembering.memo = &memo;
  const auto move_into = [](auto& from, auto& to) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
  };
  for (const auto& open : open_) {
    if (open.task) {
      const auto& rows = open.task->targets.rows;
      if (!answers || answered != open.data.get() || answers->rows != rows) {
        auto sets = field_sets(modalities.size());
        std::optional<uint64_t> shuffle(options.seed);
        if (detail == Detail::kScore) {
          sets.resize(1);
          shuffle.reset();
        }
        auto made = answer_rows(model, *open.data, modalities, rows, sets, options.embed, shuffle);
        check_bad(made.bad, made.good, options.max_bad);
        all.bad.insert(all.bad.end(), made.bad.begin(), made.bad.end());
        answers = std::make_shared<const JointAnswers>(std::move(made));
        answered = open.data.get();
      }
      judge(open, answers, options, detail, all);
      continue;
    }
    const bool prompts = open.question.protocol.kind == ProtocolKind::kPrompts;
    const auto ask = prompts ? evaluate_prompts : evaluate_retrieval;
    auto one = ask(model, *open.data, modalities, open.question, remembering);
    move_into(one.metrics, all.metrics);
    move_into(one.geometry, all.geometry);
    move_into(one.outcomes, all.outcomes);
    move_into(one.bad, all.bad);
  }
  return all;
}

double validation_score(const std::vector<Metric>& metrics, const std::string& name) {
  double sum = 0;
  int64_t count = 0;
  bool there = false;
  std::vector<std::string> known;
  for (const auto& metric : metrics) {
    known.push_back(metric.name);
    if (metric.name != name || !metric.label.empty()) continue;
    there = true;
    if (std::isnan(metric.value)) continue;
    sum += metric.value;
    ++count;
  }
  const bool ten = name == "vqa_accuracy";
  if (count == 0 && (there || ten)) {
    throw Error(ErrorCode::kConfig,
                "eval.metric: " + name + " does not exist for the rows of the validation split (" +
                    (ten ? "do most of them have ten answers?" : "one class only?") +
                    "); choose another");
  }
  if (count == 0) {
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    throw Error(ErrorCode::kConfig, "eval.metric: no metric '" + name + "'" +
                                        did_you_mean(name, known) +
                                        "; there are: " + join(known, ", "));
  }
  const double mean = sum / static_cast<double>(count);
  return smaller_is_better(name) ? -mean : mean;
}

}  // namespace braid
