// Values that several columns of a row make together. Torch-free.
#pragma once

#include <string>
#include <vector>

#include "braid/data/dataset.h"

namespace braid {

// `parts` in the order of their columns; one column's are alternatives and come back as they are,
// those of several become one value that holds them. Throws Error(kInput), which begins with
// `where`, when one of several columns has more than one.
std::vector<Value> join_parts(std::vector<ValuePart> parts, size_t columns,
                              const std::string& where);

}  // namespace braid
