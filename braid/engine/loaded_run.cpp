#include "braid/engine/loaded_run.h"

#include <future>

#include "braid/block/device.h"
#include "braid/block/initial.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/engine/task_facts.h"

namespace braid {
namespace fs = std::filesystem;

std::vector<const Modality*> LoadedRun::modality_pointers() const {
  std::vector<const Modality*> pointers;
  for (const auto& modality : modalities) pointers.push_back(modality.get());
  return pointers;
}

size_t LoadedRun::field_of_modality(const std::string& kind) const {
  for (size_t i = 0; i < modalities.size(); ++i) {
    if (modalities[i]->name() == kind) return i;
  }
  throw Error(ErrorCode::kUsage,
              directory.path().string() + ": this run has no " + kind + " field");
}

namespace {

std::unique_ptr<Dataset> open_with(const Recipe& recipe, DataConfig config,
                                   const std::vector<FieldSource>& sources) {
  for (auto& path : config.manifest) path = expand_environment(path);
  for (auto& [split, paths] : config.files) {
    for (auto& path : paths) path = expand_environment(path);
  }
  for (auto& path : config.allow_roots) path = expand_environment(path);
  config.root = expand_environment(config.root);
  return open_dataset(config, sources, recipe.base);
}

// The recipe's way to read rows, of another manifest.
DataConfig of_manifest(DataConfig config, const fs::path& manifest) {
  config.manifest = {fs::absolute(manifest).string()};
  config.files.clear();
  config.hash.clear();
  config.split_column.clear();
  config.layout = "auto";
  config.root.clear();
  return config;
}

}  // namespace

std::unique_ptr<Dataset> open_data(const Recipe& recipe, const std::vector<FieldSource>& sources,
                                   const fs::path& manifest) {
  return open_with(recipe, manifest.empty() ? recipe.data : of_manifest(recipe.data, manifest),
                   sources);
}

std::unique_ptr<Dataset> open_new_rows(const Recipe& recipe, const fs::path& manifest) {
  auto config = of_manifest(recipe.data, manifest);
  config.may_lack_columns = true;
  config.key.clear();
  return open_with(recipe, config, recipe.sources());
}

LoadedRun open_run(const fs::path& path, const std::string& device) {
  const auto there = pick_device(device);  // a mistake is told before anything is read
  auto trained = trained_run(path);
  const auto weights = trained.directory.model();
  // All of the file is read to know it, beside what else there is to do.
  auto weights_hash = std::async(std::launch::async, file_hash, weights);
  auto modalities = make_modalities(trained.recipe);
  for (size_t i = 0; i < modalities.size(); ++i)
    modalities[i]->load(path, trained.recipe.fields[i].first);
  std::vector<const Modality*> pointers;
  for (const auto& modality : modalities) pointers.push_back(modality.get());
  auto facts = read_task_facts(path, trained.recipe);
  const UnsetWeights unset;
  auto model = std::make_unique<Model>(trained.recipe, pointers, facts);
  expect_weights(trained, weights_hash.get());
  adopt_state(*model, read_safetensors(weights, MapAccess::kPrivate), weights.string());
  model->to(there);
  model->train(false);
  return {std::move(trained.directory), std::move(trained.recipe), std::move(trained.stamp),
          std::move(modalities),        std::move(model),          std::move(facts)};
}

}  // namespace braid
