// What training starts from: fitted on the data, or read back from a run on disk.
#pragma once

#include <memory>
#include <vector>

#include "braid/engine/api.h"
#include "braid/recipe/recipe.h"
#include "braid/run/run_directory.h"
#include "braid/task/target_table.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

struct PreparedRun {
  RunDirectory directory;
  Recipe recipe;
  RunStamp stamp;
  std::unique_ptr<Dataset> data;
  std::vector<int64_t> rows;  // that are trained on
  std::vector<std::unique_ptr<Modality>> modalities;
  TensorFile towers;               // encoders that start as another run's
  std::vector<TargetFacts> facts;  // of the tasks
};

// Throws what reading recipe, data and runs throws.
PreparedRun prepare_new(const TrainRequest& request);
PreparedRun prepare_resumed(const TrainRequest& request);

// Makes the folder a run. Under the lock, and once nothing in the recipe can be refused any more,
// so that a mistake does not leave a run behind that its correction trips over.
void write_start(const PreparedRun& run);

}  // namespace braid
