// A recipe that is written elsewhere than where it was read. Torch-free.
#pragma once

#include <filesystem>

#include "braid/recipe/recipe.h"

namespace braid {

// The same with every relative path starting from `folder`, which becomes its base. Absolute paths
// and those that start from the environment stay as the user wrote them.
Recipe moved_recipe(Recipe recipe, const std::filesystem::path& folder);

}  // namespace braid
