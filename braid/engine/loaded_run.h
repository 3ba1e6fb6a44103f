// A run directory brought back to life: recipe, modalities, model.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/dataset.h"
#include "braid/run/trained_run.h"
#include "braid/task/model.h"

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

// Throws Error(kNotFound) for no run or one without weights yet, Error(kState) when the weights are
// not those that run.json names, Error(kUsage) for a device that is not there.
LoadedRun open_run(const std::filesystem::path& path, const std::string& device);

// The recipe's data, or `manifest` instead of it; ${NAME} expanded.
std::unique_ptr<Dataset> open_data(const Recipe& recipe, const std::vector<FieldSource>& sources,
                                   const std::filesystem::path& manifest = {});

// New rows, which may lack columns of fields, and the key column too: keys are then places.
std::unique_ptr<Dataset> open_new_rows(const Recipe& recipe, const std::filesystem::path& manifest);

}  // namespace braid
