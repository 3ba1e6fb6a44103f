#include "braid/kernel/choice.h"

#include <cstdlib>
#include <string_view>

namespace braid {

bool use_kernels() {
  static const bool use = [] {
    const char* wanted = std::getenv("BRAID_KERNEL");
    return !wanted || std::string_view(wanted) != "ref";
  }();
  return use;
}

}  // namespace braid
