#include "braid/engine/initial_towers.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/engine/loaded_run.h"
#include "braid/recipe/tower_origin.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

size_t field_of(const TrainedRun& run, const std::string& name, const std::string& wanted) {
  std::vector<std::string> known;
  for (size_t i = 0; i < run.recipe.fields.size(); ++i) {
    if (run.recipe.fields[i].first == wanted) return i;
    known.push_back(run.recipe.fields[i].first);
  }
  const auto path = run.directory.path().string();
  throw Error(ErrorCode::kConfig, "fields." + name + ".init_from: " + path + " has no field '" +
                                      wanted + "'" + did_you_mean(wanted, known) + "; it has: " +
                                      join(known, ", ") + "; write " + path + "#FIELD");
}

// Tensors of `file` that are below `from`, named as below `to`.
void add_renamed(const TensorFile& file, const std::string& from, const std::string& to,
                 TensorFile* out) {
  for (const auto& [name, array] : file.tensors) {
    if (name.starts_with(from)) out->tensors.emplace_back(to + name.substr(from.size()), array);
  }
}

TrainedRun origin_run(const Recipe& recipe, const std::string& name, const TowerOrigin& origin) {
  try {
    return trained_run(recipe.base / expand_environment(origin.run));
  } catch (const Error& problem) {
    throw Error(problem.code(), "fields." + name + ".init_from: " + problem.what());
  }
}

// The trunk comes along with each field that shares it: from one run only.
void add_trunk(const std::string& name, const TensorFile& weights, const std::string& origin,
               TensorFile* towers) {
  const auto known = towers->metadata.find(kSharedTrunk);
  if (known == towers->metadata.end()) {
    const auto prefix = std::string(kSharedTrunk) + ".";
    add_renamed(weights, prefix, prefix, towers);
    towers->metadata[kSharedTrunk] = origin;
  } else if (known->second != origin) {
    throw Error(ErrorCode::kConfig, "fields." + name + ".init_from: the shared trunk comes from " +
                                        known->second + ", of an earlier field, not from " +
                                        origin + "; name one run for all fields that share it");
  }
}

// The recipe's own run, where it has a field of that name: otherwise the field starts anew.
bool has_field(const Recipe& recipe, const std::string& name) {
  try {
    const auto run = trained_run(recipe.base / expand_environment(recipe.init_from));
    return std::any_of(run.recipe.fields.begin(), run.recipe.fields.end(),
                       [&](const auto& field) { return field.first == name; });
  } catch (const Error& problem) {
    throw Error(problem.code(), std::string("init_from: ") + problem.what());
  }
}

void add_tower(const Recipe& recipe, size_t field, Modality& modality, TensorFile* towers) {
  const auto& name = recipe.fields[field].first;
  auto config = recipe.fields[field].second;
  const bool whole = config.init_from.empty();
  if (whole) {
    if (!has_field(recipe, name)) return;
    config.init_from = recipe.init_from;
  }
  const auto origin = tower_origin(name, config);
  const auto run = origin_run(recipe, name, origin);
  const auto theirs = field_of(run, name, origin.field);
  expect_same_tower(name, config, run.recipe.fields[theirs].second);
  const auto weights = run.directory.model();
  expect_weights(run, file_hash(weights));
  modality.load(run.directory.path(), origin.field);
  const auto tensors = read_safetensors(weights);
  const auto source = "run " + run.stamp.id + ", weights " + run.stamp.weights_hash;
  add_renamed(tensors, origin.field + ".encoder.", name + ".", towers);
  const bool same_space = write(recipe.space).to_yaml() == write(run.recipe.space).to_yaml();
  if (whole && same_space) add_renamed(tensors, name + ".projection.", name + ":", towers);
  towers->metadata[name] = source;
  if (recipe.shares_trunk(field)) add_trunk(name, tensors, source, towers);
}

}  // namespace

TensorFile read_initial_towers(const Recipe& recipe,
                               const std::vector<std::unique_ptr<Modality>>& modalities) {
  TensorFile towers;
  for (size_t i = 0; i < recipe.fields.size(); ++i) {
    if (recipe.init_from.empty() && recipe.fields[i].second.init_from.empty()) continue;
    add_tower(recipe, i, *modalities[i], &towers);
  }
  if (!recipe.init_from.empty() && towers.tensors.empty()) {
    throw Error(ErrorCode::kConfig,
                "init_from: " + recipe.init_from + " has none of the fields of this recipe");
  }
  return towers;
}

TensorFile read_kept_towers(const Recipe& recipe, const RunDirectory& run) {
  bool any = !recipe.init_from.empty();
  for (const auto& [name, config] : recipe.fields) any |= !config.init_from.empty();
  return any ? read_safetensors(run.towers()) : TensorFile();
}

void load_initial_towers(Model& model, const Recipe& recipe, const TensorFile& towers) {
  for (size_t i = 0; i < recipe.fields.size(); ++i) {
    const auto& [name, config] = recipe.fields[i];
    if (!towers.metadata.contains(name)) continue;
    TensorFile tower, projection;
    add_renamed(towers, name + ".", "", &tower);
    add_renamed(towers, name + ":", "", &projection);
    const auto where = config.init_from.empty()
                           ? "init_from: " + recipe.init_from
                           : "fields." + name + ".init_from: " + config.init_from;
    load_state(model.encoder(i), tower, where);
    if (!projection.tensors.empty()) load_state(model.projection(i), projection, where);
    if (!recipe.shares_trunk(i)) continue;
    TensorFile trunk;
    add_renamed(towers, std::string(kSharedTrunk) + ".", "", &trunk);
    load_state(*model.trunk(), trunk, where);
  }
}

}  // namespace braid
