// Does another cell fit beside those that run? Torch-free.
#pragma once

#include <cstdint>
#include <vector>

namespace braid {

struct MemoryUse {
  int64_t available_mb = 0;           // that the machine could still give
  int64_t need_mb = 0;                // most that a cell is known to take; 0: none has shown it yet
  std::vector<int64_t> running_mb;    // what those that run hold now
  bool all_at_work = true;            // all of them have taken a step: what they hold is telling
};

// One cell always does. A further one waits until what cells need is known, and then for room for
// it beside what the others may still take.
bool has_room(const MemoryUse& use);

// Of the machine, or what is left of the cgroup's limit.
int64_t available_memory_mb();

}  // namespace braid
