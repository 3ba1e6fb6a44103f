// What may be an item's metadata.
#pragma once

#include <string_view>

namespace braid {

// Brackets nested deeper than 64: readers of JSON recurse.
bool nested_too_deeply(std::string_view json);

}  // namespace braid
