// What must be set once before the first tensor.
#pragma once

namespace braid {

// Thread count of this process (libtorch on Debian 12 defaults to 1), denormals flushed: they make
// convolutions crawl and carry nothing. Cheap to call again.
void start_tensors();

}  // namespace braid
