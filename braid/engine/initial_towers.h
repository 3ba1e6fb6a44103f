// Encoders that start as those of other runs (init_from of a field, or of the recipe, which brings
// projections along where the spaces are equal).
//
// A run keeps what it took: its own folder is enough to go on with it, or to deploy it.
#pragma once

#include <memory>
#include <vector>

#include "braid/modality/modality.h"
#include "braid/recipe/recipe.h"
#include "braid/run/run_directory.h"
#include "braid/task/model.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

// Weights that the recipe takes from other runs, mapped: of encoders "<field>.<tensor>", of
// projections "<field>:<tensor>"; metadata names the fields that begin so, and whence. What their modalities learned is loaded into `modalities`. Paths start from recipe.base. Throws
// Error(kNotFound) for no run or no trained one, Error(kConfig) for a run without the field or an
// encoder that is built otherwise, and where the recipe's run has none of its fields, Error(kState) for weights that changed.
TensorFile read_initial_towers(const Recipe& recipe,
                               const std::vector<std::unique_ptr<Modality>>& modalities);

// The same as the run kept it, or nothing where its recipe takes none.
TensorFile read_kept_towers(const Recipe& recipe, const RunDirectory& run);

void load_initial_towers(Model& model, const Recipe& recipe, const TensorFile& towers);

}  // namespace braid
