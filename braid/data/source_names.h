// Names of a data set's sources that tell them apart. Torch-free.
#pragma once

#include <vector>

#include "braid/data/layout/layout.h"

namespace braid {

// Equal names would make keys and messages ambiguous: they get as many folders in front as tell
// them apart, the same wherever the recipe lies.
void tell_names_apart(std::vector<Source>& sources);

}  // namespace braid
