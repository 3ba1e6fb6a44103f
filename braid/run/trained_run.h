// A run with weights as it lies on disk: what it says of itself, and the modalities of its fields.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "braid/index/index.h"
#include "braid/modality/modality.h"
#include "braid/recipe/recipe.h"
#include "braid/run/run_directory.h"

namespace braid {

struct TrainedRun {
  RunDirectory directory;
  Recipe recipe;
  RunStamp stamp;
};

// Throws Error(kNotFound) for no run or one without weights yet.
TrainedRun trained_run(const std::filesystem::path& path);
// Throws Error(kState) where `hash`, of its model.safetensors, is not what its stamp names.
void expect_weights(const TrainedRun& run, const std::string& hash);

// The folder of the run that made an index's vectors, unless `named` says another. Throws
// Error(kUsage) where neither names one.
std::filesystem::path run_of_index(const std::filesystem::path& path, const Index& index,
                                   const std::filesystem::path& named);
// Throws Error(kState) where the run's weights are not those that made the index's vectors.
void expect_made_by(const std::filesystem::path& path, const Index& index,
                    const RunDirectory& directory, const RunStamp& stamp);

std::unique_ptr<Modality> make_field_modality(const Recipe& recipe, size_t field);
std::vector<std::unique_ptr<Modality>> make_modalities(const Recipe& recipe);  // as the fields

}  // namespace braid
