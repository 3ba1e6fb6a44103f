// A filter over the items of an index.
#pragma once

#include "braid/index/candidates.h"
#include "braid/index/filter.h"

namespace braid {

// Inside the read transaction that `snapshot` was loaded in. Throws Error(kUsage) for a column that
// no item has, with its position and the nearest name; an index without items passes every filter.
RowMasks filter_rows(const Filter& filter, Catalog& catalog, const Snapshot& snapshot);

}  // namespace braid
