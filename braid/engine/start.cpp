#include "braid/engine/start.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "braid/core/machine.h"

namespace braid {

void start_tensors() {
  static const bool done = [] {
    // Setting it starts a pool of threads of torch's own, and waits for each: 20 ms.
    const int threads = static_cast<int>(this_machine().threads);
    if (at::get_num_threads() != threads) at::set_num_threads(threads);
    at::globalContext().setFlushDenormal(true);
    return true;
  }();
  (void)done;
}

}  // namespace braid
