// What a field may not have beside `pooling`. Torch-free.
#pragma once

#include <string>

#include "braid/recipe/recipe.h"

namespace braid {

// `field`, its defaults filled in, has `pooling`; `at` is its node. Throws Error(kConfig) for a field
// that draws values, for one whose samples have one value by nature, and for a maximum of none.
void check_pooling(const std::string& name, const FieldConfig& field, const ConfigNode& at);

}  // namespace braid
