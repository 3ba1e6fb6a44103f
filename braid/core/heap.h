// What the heap does with memory that comes back.
#pragma once

namespace braid {

// From here on the process keeps it: large blocks that are taken anew at each step, a product's
// scratch space, are not asked of the system, and zeroed by it, each time. For programs that train.
void keep_freed_memory();

}  // namespace braid
