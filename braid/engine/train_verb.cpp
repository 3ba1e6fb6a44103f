#include "braid/engine/train_verb.h"

#include <algorithm>
#include <optional>
#include <set>

#include "braid/block/device.h"
#include "braid/block/initial.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/machine.h"
#include "braid/core/text.h"
#include "braid/engine/evaluation.h"
#include "braid/engine/frozen_fields.h"
#include "braid/engine/initial_towers.h"
#include "braid/engine/prepared_run.h"
#include "braid/engine/run_record.h"
#include "braid/engine/run_report.h"
#include "braid/engine/sample_heat.h"
#include "braid/engine/sample_stores.h"
#include "braid/engine/task_facts.h"
#include "braid/task/field_vectors.h"
#include "braid/task/fill_supports.h"
#include "braid/task/sample_flops.h"
#include "braid/train/parts.h"
#include "braid/train/trainer.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

// "vitals: age: numeric, median 56, ...".
std::vector<std::string> learned_notes(const Recipe& recipe,
                                       const std::vector<const Modality*>& modalities) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < modalities.size(); ++i) {
    for (const auto& note : modalities[i]->notes()) {
      lines.push_back(recipe.fields[i].first + ": " + note);
    }
  }
  return lines;
}

// A maximum leaves values out: the samples that have more are counted.
void add_cut_notes(const Recipe& recipe, const Dataset& data, const std::vector<int64_t>& rows,
                   std::vector<std::string>* notes) {
  for (size_t field = 0; field < recipe.fields.size(); ++field) {
    const auto& [name, config] = recipe.fields[field];
    if (!config.pooling || !config.pooling->max) continue;
    const int64_t max = *config.pooling->max;
    int64_t cut = 0, most = 0;
    for (const int64_t row : rows) {
      for (size_t source = 0; source < data.fields()[field].columns.size(); ++source) {
        const auto count = std::ssize(data.values(row, field, source));
        cut += count > max;
        most = std::max(most, count);
      }
    }
    if (cut == 0) continue;
    notes->push_back(name + ": " + std::to_string(cut) + " of " + std::to_string(rows.size()) +
                     " samples have more than pooling.max = " + std::to_string(max) +
                     " values (up to " + std::to_string(most) +
                     "): training draws as many for each step, else the first take part");
  }
}

void tell(const std::vector<std::string>& notes, const ProgressSink& sink) {
  if (!sink) return;
  for (const auto& note : notes) sink({.stage = "train", .note = note, .notice = true});
}

// The validation split, or nothing where the data has none.
std::optional<Evaluator> make_evaluator(const Recipe& recipe, const std::vector<TargetFacts>& facts,
                                        const Dataset& data) {
  const auto splits = data.splits();
  if (std::find(splits.begin(), splits.end(), recipe.eval.validation) == splits.end())
    return std::nullopt;
  const auto protocols = protocols_of(recipe, recipe.eval.validation);
  if (protocols.empty() || (recipe.tasks.empty() && recipe.fields.size() < 2)) return std::nullopt;
  return Evaluator(recipe, facts, protocols);
}

Validation to_validation(const RetrievalResult& result, const std::string& metric) {
  std::set<std::pair<std::string, std::string>> between;
  for (const auto& g : result.geometry) between.emplace(g.query_field, g.gallery_field);
  Validation validation{validation_score(result.metrics, metric), {}};
  validation.values.emplace_back("validation/score", validation.score);
  for (const auto& m : result.metrics) {
    if (m.name != metric || !m.label.empty()) continue;
    validation.values.emplace_back(
        "validation/" + m.name + "/" + m.direction + (m.language.empty() ? "" : "/" + m.language),
        m.value);
  }
  for (const auto& g : result.geometry) {
    const bool many = between.size() > 1;  // two fields need no names
    const std::string tail = (many ? "/" + g.query_field + "~" + g.gallery_field : "") +
                             (g.language.empty() ? "" : "/" + g.language);
    validation.values.emplace_back("geometry/gap" + tail, g.gap);
    validation.values.emplace_back("geometry/alignment" + tail, g.alignment);
    validation.values.emplace_back("geometry/uniformity_query" + tail, g.uniformity_query);
    validation.values.emplace_back("geometry/uniformity_gallery" + tail, g.uniformity_gallery);
  }
  return validation;
}

// No stop flag: an interrupt waits for the evaluation to end, so that the step is not lost.
RetrievalOptions validation_options(const Recipe& recipe) {
  RetrievalOptions options;
  options.embed.threads = this_machine().threads;
  options.seed = recipe.seed;
  options.max_bad = recipe.data.max_bad;
  return options;
}

// As a shell takes it.
std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string command_line(const TrainRequest& request) {
  if (request.resume) return "braid train --resume " + quoted(request.run.string());
  std::string command =
      "braid train " + quoted(request.recipe.string()) + " -o " + quoted(request.run.string());
  for (const auto& text : request.overrides) command += " " + quoted(text);
  return command;
}

TrainingRecord make_training_record(const TrainResult& result, const TrainSummary& summary) {
  TrainingRecord record;
  record.steps = summary.steps;
  record.seconds = result.position.elapsed_s;
  record.samples_per_s = summary.samples_per_s;
  record.wait_share = result.step_seconds > 0 ? result.stages.wait / result.step_seconds : 0;
  record.stages = result.stages;
  record.loading = summary.loading;
  record.peak_memory_mb = peak_memory_mb();
  record.parameters = summary.parameters;
  record.frozen_parameters = summary.frozen_parameters;
  const auto machine = this_machine();
  record.threads = machine.threads;
  record.capability = machine.capability;
  record.device = summary.device;
  record.precision = result.position.precision;
  record.cpu = machine.cpu;
  record.best = result.position.best;
  record.best_step = result.position.best_step;
  for (const auto& bad : summary.bad) record.bad.push_back(bad.where + ": " + bad.message);
  return record;
}

}  // namespace

LoaderConfig loader_config(const Recipe& recipe, const JointLoss& loss, const Model& model) {
  LoaderConfig config;
  config.batch = recipe.train.batch;
  config.workers = recipe.train.workers.value_or(model.device().is_cpu() ? 0 : 1);
  config.threads = this_machine().threads;
  config.seed = static_cast<uint64_t>(recipe.seed);
  config.max_bad = recipe.data.max_bad;
  config.cache_bytes = recipe.train.cache_mb << 20;
  config.two_views = loss.two_views();
  config.every_source = loss.every_source();
  config.dropout = {recipe.train.modality_dropout.value_or(0), loss.pairs()};
  for (size_t i = 0; i < recipe.fields.size(); ++i) {
    const auto& field = recipe.fields[i].second;
    config.draw.push_back(field.draw);
    config.pooling.push_back(field.pooling);
    config.plain.push_back(field.frozen);
    config.encoded.push_back(model.remembered(i));
  }
  return config;
}

TrainSummary train_run(const TrainRequest& request, const Watch& watch) {
  const auto device = pick_device(watch.device);
  auto run = request.resume ? prepare_resumed(request) : prepare_new(request);
  const RunLock lock(run.directory);
  std::vector<const Modality*> modalities;
  for (const auto& modality : run.modalities) modalities.push_back(modality.get());
  auto notes = learned_notes(run.recipe, modalities);
  if (!request.resume) add_cut_notes(run.recipe, *run.data, run.rows, &notes);
  for (auto& line : task_fact_lines(run.recipe, run.facts)) notes.push_back(std::move(line));
  if (!request.resume) tell(notes, watch.sink);

  at::manual_seed(static_cast<uint64_t>(run.recipe.seed));
  std::optional<UnsetWeights> unset;  // train() fills model and loss from the checkpoint
  if (run.directory.has_checkpoint()) unset.emplace();
  Model model(run.recipe, modalities, run.facts);
  JointLoss loss(run.recipe, modalities,
                 read_all_targets(run.recipe, run.facts, *run.data, run.rows));
  unset.reset();
  load_initial_towers(model, run.recipe, run.towers);
  freeze_parts(model, loss, run.recipe.train.parts);
  model.to(device);
  loss.to(device);
  const auto evaluator = make_evaluator(run.recipe, run.facts, *run.data);
  encode_frozen_fields(model, run.recipe, *run.data, run.rows, evaluator ? &*evaluator : nullptr,
                       modalities, watch);
  Notices notices;
  auto loading = loader_config(run.recipe, loss, model);
  loading.stored = open_sample_stores(run.recipe, modalities, notices);
  std::unique_ptr<HardNegatives> negatives;
  if (run.recipe.train.hard_negatives.every > 0) {
    negatives = std::make_unique<HardNegatives>(run.recipe, *run.data, run.rows, modalities,
                                                loading.stored);
    loading.arrange = [&](std::vector<int64_t>& order) { negatives->arrange(order); };
  }
  const auto loader = make_loader(*run.data, run.rows, modalities, loading);
  auto options = validation_options(run.recipe);
  options.embed.stored = loading.stored;
  if (!request.resume) write_start(run);

  TrainParts parts{&run.recipe,  run.data.get(), &model, &loss,
                   loader.get(), &run.directory, {},     {},     negatives.get()};
  if (evaluator) {
    parts.validate = [&] {
      return to_validation(evaluator->run(model, modalities, options, Detail::kScore),
                           run.recipe.eval.metric);
    };
  }
  auto filling = options.embed;
  filling.sink = watch.sink;
  parts.fill_supports = [&] {
    fill_supports(model, run.recipe, *run.data, run.rows, modalities, filling);
  };
  const auto result = train(parts, {notices.before(watch.sink), watch.stop, request.inexact});
  notices.tell(watch.sink);
  run.stamp.weights_hash = file_hash(run.directory.model());
  run.stamp.finished = true;
  run.directory.write_stamp(run.stamp);

  TrainSummary summary{request.run,
                       result.position.step,
                       result.seconds,
                       0,
                       model.parameter_count(),
                       model.frozen_count(),
                       device_text(device),
                       {},
                       loader->bad(),
                       loader->loading()};
  if (result.step_seconds > 0)
    summary.samples_per_s = static_cast<double>(result.samples) / result.step_seconds;
  auto record = make_training_record(result, summary);
  record.flops_per_sample = sample_flops(model, *run.data, modalities, run.rows, options.embed);
  const auto before = read_training_record(run.directory);
  record.learned = notes;
  record.command = before ? before->command : command_line(request);
  const bool trained =
      !before || result.samples > 0;  // else resumed when all was done: the old figures stand
  if (trained) write_training_record(run.directory, record);
  if (evaluator) {
    options.top = 5;
    const auto& split = run.recipe.eval.validation;
    const auto evaluated = evaluator->run(model, modalities, options);
    summary.metrics = evaluated.metrics;
    summary.notes = evaluated.notes;
    summary.contributions = evaluated.contributions;
    write_predictions(predictions_path(run.directory, split), evaluated.predictions);
    auto shown = make_evaluation_record(run.recipe, split, evaluated, evaluator->data(0));
    add_sample_heat(run.recipe, run.facts, model, modalities, shown.tasks);
    write_evaluation_record(run.directory, shown);
  }
  write_run_report(run.directory);
  return summary;
}

}  // namespace braid
