#pragma once

namespace braid {

// From now on large tensors of this process live in a BlockPool. Once; the program's to decide, not a
// library user's.
void pool_tensor_memory();

}  // namespace braid
