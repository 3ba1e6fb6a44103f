#include "braid/engine/start.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "braid/core/machine.h"

namespace braid {

void start_tensors() {
  static const bool done = [] {
    at::set_num_threads(static_cast<int>(this_machine().threads));
    at::globalContext().setFlushDenormal(true);
    return true;
  }();
  (void)done;
}

}  // namespace braid
