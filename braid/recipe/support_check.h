// What a field with `support` may name. Torch-free.
#pragma once

#include "braid/recipe/recipe.h"

namespace braid {

// `fields`: the node of all of them. Throws Error(kConfig) where `of` is no other field of the
// recipe, or one that has a support set itself.
void check_supports(const ConfigNode& fields, const Recipe& recipe);

}  // namespace braid
