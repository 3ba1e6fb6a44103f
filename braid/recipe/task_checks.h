// What is checked of a recipe's tasks, interaction, fusion and parts, as part of parse_recipe.
#pragma once

#include "braid/recipe/recipe.h"

namespace braid {

// `tasks` is the recipe's node of that name, or null. Fills in names and every default; the fields
// are read already. Throws Error(kConfig).
void read_tasks(const ConfigNode& root, const ConfigNode& tasks, Recipe& recipe);

// Throws Error(kConfig) for an entry that says nothing or both things.
void check_parts(const ConfigNode& train, const Recipe& recipe);

}  // namespace braid
