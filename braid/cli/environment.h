// Settings that libraries read from the environment before main begins.
#pragma once

#include <string_view>

namespace braid {

// Does the verb keep the cores busy for so long that a second start of the program pays?
bool runs_long(std::string_view verb);

// What OpenMP and the BLAS read when they are loaded, with this program (docs/adr/0012): sets what
// is missing, unless the user has, and starts the program again with it, once. Throws Error(kUsage)
// as this_machine().
void settle_environment(char** argv);

}  // namespace braid
