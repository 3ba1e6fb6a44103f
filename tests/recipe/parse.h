// Recipes from text, as tests of this folder read them.
#pragma once

#include <string>

#include "braid/recipe/recipe.h"
#include "tests/scratch.h"

namespace braid {

inline Recipe parse(const std::string& yaml) {
  return parse_recipe(ConfigNode::parse(yaml, "r.yaml"), ".");
}

inline std::string complaint(const std::string& yaml) {
  return error_of([&] { parse(yaml); });
}

}  // namespace braid
