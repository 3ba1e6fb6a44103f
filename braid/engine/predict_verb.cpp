#include "braid/engine/predict_verb.h"

#include <algorithm>
#include <cmath>

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/engine/loaded_run.h"
#include "braid/task/attention_rows.h"
#include "braid/task/joint_answers.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {
namespace {

constexpr int64_t kMostAttention = int64_t{1} << 30;  // bytes

TaskAnswer answer_of(const TaskConfig& task, const TargetFacts& facts,
                     std::span<const double> numbers) {
  TaskAnswer answer{task.name, task.kind, {}, {}};
  if (task.kind == "matching") {
    if (std::isnan(numbers[0])) return answer;  // the row lacks a field of the pair
    answer.labels = {numbers[0] > 0.5 ? "true" : "false"};
    answer.values = {{"true", numbers[0]}};
    return answer;
  }
  const auto& names = facts.columns.empty() ? facts.classes : facts.columns;
  for (size_t i = 0; i < names.size(); ++i) answer.values.emplace_back(names[i], numbers[i]);
  if (!facts.columns.empty()) return answer;
  if (task.multi()) {
    for (const auto& [name, p] : answer.values) {
      if (p > 0.5) answer.labels.push_back(name);
    }
  } else {
    const auto best = std::max_element(numbers.begin(), numbers.end()) - numbers.begin();
    answer.labels = {names[static_cast<size_t>(best)]};
  }
  return answer;
}

std::span<const double> answers_of_row(const Array& answers, size_t row) {
  const auto width = static_cast<size_t>(answers.size(1));
  return answers.values<double>().subspan(row * width, width);
}

Prediction prediction_of(const LoadedRun& run, const Dataset& data, const JointAnswers& answers,
                         size_t n) {
  const int64_t row = answers.rows[n];
  Prediction out{data.where(row), "", {}, {}, {}};
  if (!run.recipe.data.key.empty()) {
    const auto key = data.column(row, run.recipe.data.key);
    if (!key.empty()) out.key = key[0];
  }
  const size_t width = answers.fields.size();
  for (size_t i = 0; i < width; ++i) {
    if (answers.present[n * width + i]) out.fields.push_back(answers.fields[i]);
  }
  if (out.fields.empty()) return out;
  if (const auto& alpha = answers.alpha[0]; !alpha.empty()) {
    for (size_t i = 0; i < width; ++i)
      out.alpha.emplace_back(answers.fields[i], alpha.values<float>()[n * width + i]);
  }
  for (size_t k = 0; k < run.recipe.tasks.size(); ++k) {
    const auto& task = run.recipe.tasks[k];
    if (task.writes()) {
      auto& answer = out.answers.emplace_back(TaskAnswer{task.name, task.kind, {}, {}});
      for (const auto& texts : answers.texts[k][0]) answer.labels.push_back(texts[n]);
      continue;
    }
    out.answers.push_back(
        answer_of(task, run.facts[k], answers_of_row(answers.answers[k][0], n)));
  }
  return out;
}

// Tensors "<row>/<interaction>.<from>-><to>", rows numbered from 0 as they are answered; where each
// lies is in the metadata.
void write_attention(const std::filesystem::path& path, const Dataset& data,
                     const std::vector<int64_t>& rows,
                     const std::vector<RowAttention>& attention) {
  TensorFile file;
  for (size_t n = 0; n < rows.size(); ++n) {
    file.metadata[std::to_string(n)] = data.where(rows[n]);
    for (const auto& [name, weights] : attention[n])
      file.tensors.emplace_back(std::to_string(n) + "/" + name, weights);
  }
  write_safetensors(path, file);
}

}  // namespace

PredictSummary predict_rows(const PredictRequest& request, const Watch& watch) {
  const auto run = open_run(request.run, watch.device);
  if (run.recipe.tasks.empty()) {
    throw Error(ErrorCode::kUsage, request.run.string() +
                                       ": this run has no tasks to answer; see " +
                                       "docs/tasks.md, or use braid embed and braid search");
  }
  const auto data = open_new_rows(run.recipe, request.data);
  EmbedOptions options;
  options.threads = this_machine().threads;
  options.sink = watch.sink;
  options.stop = watch.stop;
  const auto rows = data->rows("");
  if (!request.attention.empty()) {
    write_attention(request.attention, *data, rows,
                    attention_of_rows(*run.model, *data, run.modality_pointers(), rows, options,
                                      kMostAttention));
  }
  auto answers = answer_rows(*run.model, *data, run.modality_pointers(), rows,
                             {FieldSet(run.recipe.fields.size(), true)}, options);
  PredictSummary summary;
  for (size_t n = 0; n < answers.rows.size(); ++n)
    summary.rows.push_back(prediction_of(run, *data, answers, n));
  summary.bad = std::move(answers.bad);
  return summary;
}

}  // namespace braid
