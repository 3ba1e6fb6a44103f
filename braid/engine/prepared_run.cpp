#include "braid/engine/prepared_run.h"

#include <algorithm>
#include <set>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/engine/initial_towers.h"
#include "braid/engine/loaded_run.h"
#include "braid/engine/task_facts.h"
#include "braid/recipe/moved_recipe.h"
#include "braid/task/field_vectors.h"
#include "braid/version.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

// Those that come with an encoder know already.
void fit_modalities(const Recipe& recipe, const Dataset& data, const std::vector<int64_t>& rows,
                    const TensorFile& towers, std::vector<std::unique_ptr<Modality>>& modalities) {
  for (size_t field = 0; field < modalities.size(); ++field) {
    if (towers.metadata.contains(recipe.fields[field].first)) continue;
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

}  // namespace

PreparedRun prepare_new(const TrainRequest& request) {
  const auto recipe = load_recipe(request.recipe, request.overrides);
  auto data = open_data(recipe, recipe.sources());
  check_order(recipe, *data);
  auto rows = training_rows(recipe, *data);
  auto modalities = make_modalities(recipe);
  auto towers = read_initial_towers(recipe, modalities);
  auto facts = learn_targets(recipe, *data, rows);
  auto directory =
      RunDirectory::create(request.run);  // before the long part: the place may be taken
  fit_modalities(recipe, *data, rows, towers, modalities);
  PreparedRun run{std::move(directory),
                  moved_recipe(recipe, request.run),
                  {},
                  std::move(data),
                  std::move(rows),
                  std::move(modalities),
                  std::move(towers),
                  std::move(facts)};
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

void write_start(const PreparedRun& run) {
  const auto& path = run.directory.path();
  RunDirectory::create(path);  // again: another process may have been faster
  for (size_t i = 0; i < run.modalities.size(); ++i)
    run.modalities[i]->save(path, run.recipe.fields[i].first);
  write_task_facts(path, run.recipe, run.facts);
  if (!run.towers.tensors.empty()) write_safetensors(run.directory.towers(), run.towers);
  write_atomic(run.directory.recipe(), run.recipe.to_yaml());
  run.directory.write_stamp(run.stamp);  // last: from here on the folder is a run
}

PreparedRun prepare_resumed(const TrainRequest& request) {
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
  auto facts = read_task_facts(request.run, recipe);
  return {std::move(directory), std::move(recipe),     std::move(stamp),  std::move(data),
          std::move(rows),      std::move(modalities), std::move(towers), std::move(facts)};
}

}  // namespace braid
