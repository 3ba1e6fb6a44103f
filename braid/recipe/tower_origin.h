// Where an encoder's first weights come from: `init_from: RUN` or `RUN#FIELD` of a field.
// Torch-free.
#pragma once

#include <string>

#include "braid/recipe/recipe.h"

namespace braid {

struct TowerOrigin {
  std::string run;    // as the recipe has it
  std::string field;  // of that run
};

// For a field `name` whose init_from is not empty.
TowerOrigin tower_origin(const std::string& name, const FieldConfig& field);

// Weights of `theirs` mean the same in `mine`: encoders are built alike and values become the same
// numbers. What belongs to training alone (dropout, views, limits of files) may differ. Throws
// Error(kConfig) naming the key, what it must be and what it is.
void expect_same_tower(const std::string& name, const FieldConfig& mine, const FieldConfig& theirs);

}  // namespace braid
