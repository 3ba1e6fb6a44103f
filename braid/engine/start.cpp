#include "braid/engine/start.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "braid/core/machine.h"

namespace braid {

void start_tensors() {
  static const bool done = [] {
    // Setting it makes torch start a second pool of threads, of another library: 20 ms and a core.
    // Where OMP_NUM_THREADS says the same, it has it.
    const int threads = static_cast<int>(this_machine().threads);
    if (at::get_num_threads() != threads) at::set_num_threads(threads);
    at::globalContext().setFlushDenormal(true);
    return true;
  }();
  (void)done;
}

}  // namespace braid
