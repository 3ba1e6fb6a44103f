// What is checked of a recipe's `anchor` and `alignment`, as part of parse_recipe.
#pragma once

#include "braid/recipe/recipe.h"

namespace braid {

// Adds a term between the anchor and each field that no listed term aligns with it. Throws
// Error(kConfig).
void add_anchor_terms(const ConfigNode& root, Recipe& recipe);

// `node` is the recipe's alignment, or the recipe where it has none. Fills in losses; the tasks are
// read already. Throws Error(kConfig).
void check_alignment(const ConfigNode& node, Recipe& recipe);

}  // namespace braid
