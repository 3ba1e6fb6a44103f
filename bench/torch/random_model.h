// The model of a recipe with random weights, written out so that a peer can start from the same.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "braid/engine/api.h"
#include "braid/engine/loaded_run.h"
#include "braid/version.h"

namespace braid::bench {

struct RandomModel {
  Recipe recipe;
  std::vector<std::unique_ptr<Modality>> modalities;
  std::vector<const Modality*> pointers;
  std::unique_ptr<Model> model;
};

inline RandomModel make_random_model(const std::string& recipe_file,
                                     const std::vector<std::string>& overrides) {
  braid_engine_api(BRAID_VERSION);  // threads and memory as the program has them
  RandomModel made{load_recipe(recipe_file, overrides)};
  made.modalities = make_modalities(made.recipe);
  for (const auto& modality : made.modalities) {
    modality->fit([](const ValueVisitor&) {});  // the tokenizer comes from a file
    made.pointers.push_back(modality.get());
  }
  at::manual_seed(1);
  made.model = std::make_unique<Model>(made.recipe, made.pointers);
  return made;
}

}  // namespace braid::bench
