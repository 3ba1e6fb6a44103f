// What is checked of a recipe's `eval:`, as part of parse_recipe.
#pragma once

#include <string>

#include "braid/recipe/recipe.h"

namespace braid {

// Throws Error(kConfig) at `at` for a field that the recipe has not.
void check_field(const Recipe& recipe, const std::string& name, const ConfigNode& at);

// `node` is the recipe's eval. Fills in names. Throws Error(kConfig).
void check_protocols(const ConfigNode& node, Recipe& recipe);
// Chooses what weights are chosen by, where `eval`, which may be null, does not say; the protocols
// are checked already.
void decide_metric(const ConfigNode* eval, Recipe& recipe);
void check_metric(const ConfigNode& node, const Recipe& recipe);

}  // namespace braid
