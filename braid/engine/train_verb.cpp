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
#include "braid/engine/run_record.h"
#include "braid/engine/run_report.h"
#include "braid/task/field_vectors.h"
#include "braid/train/trainer.h"
#include "braid/version.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

// A path of the recipe, as the run's own recipe.yaml must write it: relative to the run. Absolute
// paths and those that start from the environment stay as the user wrote them.
std::string moved_path(const std::string& path, const fs::path& from, const fs::path& to) {
  if (path.starts_with("/") || path.starts_with("${")) return path;
  return (fs::absolute(from) / path)
      .lexically_normal()
      .lexically_relative(fs::absolute(to).lexically_normal())
      .string();
}

Recipe moved_recipe(Recipe recipe, const fs::path& run) {
  for (auto& path : recipe.data.manifest) path = moved_path(path, recipe.base, run);
  for (auto& [split, paths] : recipe.data.files) {
    for (auto& path : paths) path = moved_path(path, recipe.base, run);
  }
  for (auto& path : recipe.data.allow_roots) path = moved_path(path, recipe.base, run);
  for (auto& [name, field] : recipe.fields) {
    if (!field.init_from.empty()) field.init_from = moved_path(field.init_from, recipe.base, run);
  }
  if (!recipe.data.root.empty()) recipe.data.root = moved_path(recipe.data.root, recipe.base, run);
  recipe.base = run;
  return recipe;
}

// Those that come with an encoder know already.
void fit_modalities(const Recipe& recipe, const Dataset& data, const std::vector<int64_t>& rows,
                    std::vector<std::unique_ptr<Modality>>& modalities) {
  for (size_t field = 0; field < modalities.size(); ++field) {
    if (!recipe.fields[field].second.init_from.empty()) continue;
    const auto& sources = data.fields()[field].columns;
    modalities[field]->fit([&](const ValueVisitor& visit) {
      for (int64_t row : rows) {
        for (size_t source = 0; source < sources.size(); ++source) {
          for (const auto& value : data.values(row, field, source))
            visit(fetch(value, modalities[field]->max_bytes()));
        }
      }
    });
  }
}

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

void tell(const std::vector<std::string>& notes, const ProgressSink& sink) {
  if (!sink) return;
  for (const auto& note : notes) sink({.stage = "train", .note = note, .notice = true});
}

// What a run starts from: fitted on the data, or read back from a run on disk.
struct Prepared {
  RunDirectory directory;
  Recipe recipe;
  RunStamp stamp;
  std::unique_ptr<Dataset> data;
  std::vector<int64_t> rows;
  std::vector<std::unique_ptr<Modality>> modalities;
  TensorFile towers;  // encoders that start as another run's
};

// A value that no row has would withhold nothing.
void check_withheld(const Recipe& recipe, const Dataset& data) {
  for (const auto& [column, withheld] : recipe.withhold) {
    std::set<std::string> there;
    for (int64_t row = 0; row < data.size(); ++row) {
      for (auto& value : data.column(row, column)) there.insert(std::move(value));
    }
    for (const auto& value : withheld) {
      if (there.contains(value)) continue;
      const std::vector<std::string> known(there.begin(), there.end());
      throw Error(ErrorCode::kConfig, "withhold: no row has " + column + " = '" + value + "'" +
                                          did_you_mean(value, known));
    }
  }
}

std::vector<int64_t> training_rows(const Recipe& recipe, const Dataset& data) {
  auto rows = data.rows(data.splits().empty() ? "" : recipe.train_split);
  if (rows.empty()) {
    throw Error(ErrorCode::kConfig,
                "the data has no rows in split '" + recipe.train_split + "' (train_split)");
  }
  check_withheld(recipe, data);
  std::erase_if(rows, [&](int64_t row) { return is_withheld(recipe, data, row); });
  if (rows.empty()) throw Error(ErrorCode::kConfig, "withhold leaves no row to train on");
  return rows;
}

// Mining sets the order of rows; a stream has one already.
void check_order(const Recipe& recipe, const Dataset& data) {
  if (recipe.train.hard_negatives.every == 0 || !data.shuffle_buffer()) return;
  throw Error(ErrorCode::kConfig,
              "train.hard_negatives: mining reorders all rows, but these are read as a stream "
              "(data.shuffle_buffer, or compressed shards); unpack the shards and leave "
              "shuffle_buffer out, or set train.hard_negatives.every to 0");
}

Prepared prepare_new(const TrainRequest& request) {
  const auto recipe = load_recipe(request.recipe, request.overrides);
  auto data = open_data(recipe, recipe.sources());
  check_order(recipe, *data);
  auto rows = training_rows(recipe, *data);
  auto modalities = make_modalities(recipe);
  auto towers = read_initial_towers(recipe, modalities);
  auto directory =
      RunDirectory::create(request.run);  // before the long part: the place may be taken
  fit_modalities(recipe, *data, rows, modalities);
  Prepared run{std::move(directory),
               moved_recipe(recipe, request.run),
               {},
               std::move(data),
               std::move(rows),
               std::move(modalities),
               std::move(towers)};
  run.stamp.name = recipe.name;
  run.stamp.version = BRAID_VERSION;
  run.stamp.seed = recipe.seed;
  run.stamp.licence = recipe.licence;
  run.stamp.data_hash = run.data->fingerprint();
  std::string identity = recipe.to_yaml() + run.stamp.data_hash;
  for (const auto& [field, origin] : run.towers.metadata) identity += field + origin;
  run.stamp.id = content_hash(identity).substr(0, 16);
  return run;
}

// Makes the folder a run. Under the lock, and once nothing in the recipe can be refused any more,
// so that a mistake does not leave a run behind that its correction trips over.
void write_start(const Prepared& run) {
  const auto& path = run.directory.path();
  RunDirectory::create(path);  // again: another process may have been faster
  for (size_t i = 0; i < run.modalities.size(); ++i)
    run.modalities[i]->save(path, run.recipe.fields[i].first);
  if (!run.towers.tensors.empty()) write_safetensors(run.directory.towers(), run.towers);
  write_atomic(run.directory.recipe(), run.recipe.to_yaml());
  run.directory.write_stamp(run.stamp);  // last: from here on the folder is a run
}

Prepared prepare_resumed(const TrainRequest& request) {
  if (!request.overrides.empty()) {
    throw Error(ErrorCode::kUsage,
                "--resume goes on with the recipe as it was: no overrides (got " +
                    request.overrides[0] + ")");
  }
  auto directory = RunDirectory::open(request.run);
  auto recipe = load_recipe(directory.recipe());
  auto stamp = directory.stamp();
  auto data = open_data(recipe, recipe.sources());
  if (data->fingerprint() != stamp.data_hash && !request.inexact) {
    throw Error(ErrorCode::kState,
                request.run.string() +
                    ": the data changed since this run began; train anew, or resume "
                    "with --inexact (other bytes)");
  }
  auto rows = training_rows(recipe, *data);
  auto modalities = make_modalities(recipe);
  for (size_t i = 0; i < modalities.size(); ++i)
    modalities[i]->load(request.run, recipe.fields[i].first);
  auto towers = read_kept_towers(recipe, directory);
  return {std::move(directory), std::move(recipe),     std::move(stamp), std::move(data),
          std::move(rows),      std::move(modalities), std::move(towers)};
}

// The validation split, or nothing where the data has none.
std::optional<Evaluator> make_evaluator(const Recipe& recipe, const Dataset& data) {
  const auto splits = data.splits();
  if (std::find(splits.begin(), splits.end(), recipe.eval.validation) == splits.end())
    return std::nullopt;
  if (recipe.fields.size() < 2) return std::nullopt;
  return Evaluator(recipe, protocols_of(recipe, recipe.eval.validation));
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

TrainingRecord make_training_record(const Recipe& recipe, const Model& model,
                                    const TrainResult& result, const TrainSummary& summary) {
  TrainingRecord record;
  record.steps = summary.steps;
  record.seconds = result.position.elapsed_s;
  record.samples_per_s = summary.samples_per_s;
  record.wait_share = result.step_seconds > 0 ? result.stages.wait / result.step_seconds : 0;
  record.stages = result.stages;
  record.peak_memory_mb = peak_memory_mb();
  record.parameters = summary.parameters;
  record.frozen_parameters = summary.frozen_parameters;
  for (size_t i = 0; i < recipe.fields.size(); ++i) record.flops_per_sample += model.flops(i);
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
  config.workers = recipe.train.workers;
  config.seed = static_cast<uint64_t>(recipe.seed);
  config.max_bad = recipe.data.max_bad;
  config.cache_bytes = recipe.train.cache_mb << 20;
  config.two_views = loss.two_views();
  config.dropout = {recipe.train.modality_dropout.value_or(0), loss.pairs()};
  for (size_t i = 0; i < recipe.fields.size(); ++i) {
    const auto& field = recipe.fields[i].second;
    config.draw.push_back(field.draw);
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
  const auto notes = learned_notes(run.recipe, modalities);
  if (!request.resume) tell(notes, watch.sink);

  at::manual_seed(static_cast<uint64_t>(run.recipe.seed));
  std::optional<UnsetWeights> unset;  // train() fills model and loss from the checkpoint
  if (run.directory.has_checkpoint()) unset.emplace();
  Model model(run.recipe, modalities);
  JointLoss loss(run.recipe, modalities);
  unset.reset();
  load_initial_towers(model, run.recipe, run.towers);
  model.to(device);
  loss.to(device);
  const auto evaluator = make_evaluator(run.recipe, *run.data);
  encode_frozen_fields(model, run.recipe, *run.data, run.rows, evaluator ? &*evaluator : nullptr,
                       modalities, watch);
  auto loading = loader_config(run.recipe, loss, model);
  std::unique_ptr<HardNegatives> negatives;
  if (run.recipe.train.hard_negatives.every > 0) {
    negatives = std::make_unique<HardNegatives>(run.recipe, *run.data, run.rows, modalities);
    loading.arrange = [&](std::vector<int64_t>& order) { negatives->arrange(order); };
  }
  const auto loader = make_loader(*run.data, run.rows, modalities, loading);
  auto options = validation_options(run.recipe);
  if (!request.resume) write_start(run);

  TrainParts parts{&run.recipe,  run.data.get(), &model, &loss,
                   loader.get(), &run.directory, {},     negatives.get()};
  if (evaluator) {
    parts.validate = [&] {
      return to_validation(evaluator->run(model, modalities, options), run.recipe.eval.metric);
    };
  }
  const auto result = train(parts, {watch.sink, watch.stop, request.inexact});
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
                       loader->bad()};
  if (result.step_seconds > 0)
    summary.samples_per_s = static_cast<double>(result.samples) / result.step_seconds;
  auto record = make_training_record(run.recipe, model, result, summary);
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
    write_evaluation_record(
        run.directory, make_evaluation_record(run.recipe, split, evaluated, evaluator->data(0)));
  }
  write_run_report(run.directory);
  return summary;
}

}  // namespace braid
