// A run directory brought back to life: recipe, modalities, model.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/dataset.h"
#include "braid/recipe/recipe.h"
#include "braid/task/model.h"
#include "braid/train/run_directory.h"

namespace braid {

struct LoadedRun {
  RunDirectory directory;
  Recipe recipe;
  RunStamp stamp;
  std::vector<std::unique_ptr<Modality>> modalities;  // as the recipe's fields
  std::unique_ptr<Model> model;
  std::vector<TargetFacts> facts;  // of its tasks

  std::vector<const Modality*> modality_pointers() const;
  size_t field_of_modality(const std::string& kind) const;  // the first; throws Error(kUsage)
};

// What a run on disk says of itself.
struct TrainedRun {
  RunDirectory directory;
  Recipe recipe;
  RunStamp stamp;
};

// Throws Error(kNotFound) for no run or one without weights yet.
TrainedRun trained_run(const std::filesystem::path& path);
// Throws Error(kState) where `hash`, of its model.safetensors, is not what its stamp names.
void expect_weights(const TrainedRun& run, const std::string& hash);

// Throws Error(kNotFound) for no run or one without weights yet, Error(kState) when the weights are
// not those that run.json names, Error(kUsage) for a device that is not there.
LoadedRun open_run(const std::filesystem::path& path, const std::string& device);

std::vector<std::unique_ptr<Modality>> make_modalities(const Recipe& recipe);

// The recipe's data, or `manifest` instead of it; ${NAME} expanded.
std::unique_ptr<Dataset> open_data(const Recipe& recipe, const std::vector<FieldSource>& sources,
                                   const std::filesystem::path& manifest = {});

// New rows, which may lack columns of fields, and the key column too: keys are then places.
std::unique_ptr<Dataset> open_new_rows(const Recipe& recipe, const std::filesystem::path& manifest);

}  // namespace braid
