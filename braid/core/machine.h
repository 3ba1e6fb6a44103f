// What this machine gives the process. Torch-free.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace braid {

struct Machine {
  std::string cpu;         // "AMD EPYC ..."
  std::string capability;  // best of "avx512", "avx2", "default" that CPU and system support
  int64_t threads =
      1;  // BRAID_THREADS, else OMP_NUM_THREADS, else cores allowed by affinity and cgroup
  int64_t memory_mb = 0;
};

// Throws Error(kUsage) for a BRAID_THREADS or OMP_NUM_THREADS that is no positive number.
Machine this_machine();

int64_t peak_memory_mb();  // of this process so far

// Where to keep what can be made again: BRAID_CACHE, else braid/ in XDG_CACHE_HOME or ~/.cache.
// Throws Error(kUsage) where none of them says.
std::filesystem::path cache_folder();

}  // namespace braid
