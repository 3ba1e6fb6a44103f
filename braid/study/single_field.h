// A recipe with one of its fields alone. Torch-free.
#pragma once

#include <string>

#include "braid/recipe/recipe.h"

namespace braid {

// Without the other fields and all that needs them: fusion, interaction, anchor, terms and
// protocols between fields, tasks of pairs, mining, parts of the model that are not there. Throws
// Error(kConfig) where nothing is left to train or to choose weights by.
Recipe single_field_recipe(const Recipe& whole, const std::string& field);

}  // namespace braid
