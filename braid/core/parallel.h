// A loop over independent items on a few threads.
#pragma once

#include <cstdint>
#include <functional>

namespace braid {

// Calls body(i) for i in 0 .. n-1 from up to `threads` threads (1 = the caller's only). The first
// exception stops the loop and is thrown here.
void parallel_for(int64_t n, int64_t threads, const std::function<void(int64_t)>& body);

}  // namespace braid
