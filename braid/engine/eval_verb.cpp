#include "braid/engine/eval_verb.h"

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/engine/evaluation.h"
#include "braid/engine/run_record.h"
#include "braid/engine/run_report.h"
#include "braid/engine/sample_heat.h"
#include "braid/tensor_file/npy.h"

namespace braid {
namespace {

EvalSummary summary_of(int64_t width, EvaluationResult result) {
  return {width, std::move(result.metrics), std::move(result.bad), std::move(result.notes),
          std::move(result.contributions)};
}

}  // namespace

EvalSummary eval_run(const EvalRequest& request, const Watch& watch) {
  const auto run = open_run(request.run, watch.device);
  RetrievalOptions options;
  options.embed.threads = this_machine().threads;
  options.embed.sink = watch.sink;
  options.embed.stop = watch.stop;
  options.embed.width = run.recipe.width_or_whole(request.width);
  options.seed = run.recipe.seed;
  options.max_bad = run.recipe.data.max_bad;
  if (!request.data.empty()) {
    const auto whole = every_question(run.recipe, request.data.filename().string(), "all");
    const Evaluator evaluator(run.recipe, run.facts, whole, request.data);
    auto result = evaluator.run(*run.model, run.modality_pointers(), options);
    return summary_of(options.embed.width, std::move(result));
  }
  options.top = 5;
  const Evaluator evaluator(run.recipe, run.facts, protocols_of(run.recipe, request.split));
  auto result = evaluator.run(*run.model, run.modality_pointers(), options);
  if (options.embed.width == run.recipe.space.width) {  // the run's record is of whole vectors
    auto record = make_evaluation_record(run.recipe, request.split, result, evaluator.data(0));
    add_sample_heat(run.recipe, run.facts, *run.model, run.modality_pointers(), record.tasks);
    write_evaluation_record(run.directory, record);
    write_predictions(predictions_path(run.directory, request.split), result.predictions);
    write_run_report(run.directory);
  }
  return summary_of(options.embed.width, std::move(result));
}

EmbedSummary embed_values_of_run(const EmbedRequest& request, const Watch& watch) {
  const auto run = open_run(request.run, watch.device);
  const size_t field = run.recipe.field_index(request.field);
  const auto& modality = *run.modalities[field];
  if (request.samples.empty())
    throw Error(ErrorCode::kUsage, "nothing to embed: give values, or --from or --lists a file");
  std::vector<std::vector<Value>> samples;
  for (const auto& texts : request.samples) {
    if (texts.size() > 1 && !run.model->pooling(field)) {
      throw Error(ErrorCode::kUsage,
                  "field '" + request.field + "' has no pooling in this run's recipe: each value " +
                      "has a vector of its own, without --together or a list of " +
                      std::to_string(texts.size()));
    }
    auto& sample = samples.emplace_back();
    for (const auto& text : texts)
      sample.push_back(is_inline(modality.name()) ? Value{text, {}, {}} : Value{text, text, {}});
  }
  const EmbedOptions options{.threads = this_machine().threads,
                             .width = run.recipe.width_or_whole(request.width),
                             .sink = watch.sink,
                             .stop = watch.stop};
  auto embedded = embed_samples(*run.model, field, modality, samples, options);
  tell_cut(*run.model, field, request.field, embedded.cut, watch.sink);
  EmbedSummary summary{embedded.vectors.size(0), embedded.vectors.size(1), std::move(embedded.bad),
                       std::move(embedded.weights)};
  if (summary.bad.empty()) write_npy(request.out, embedded.vectors);
  return summary;
}

}  // namespace braid
