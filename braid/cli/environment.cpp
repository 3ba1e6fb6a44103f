#include "braid/cli/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "braid/core/machine.h"

namespace braid {
namespace {

constexpr const char* kRestarted = "BRAID_RESTARTED";  // for the second start alone, not its children

bool set_missing(const char* name, const std::string& value) {
  if (std::getenv(name)) return false;
  setenv(name, value.c_str(), 1);
  return true;
}

}  // namespace

bool runs_long(std::string_view verb) {
  static constexpr std::array kLong = {"train", "eval", "predict", "probe", "embed", "index", "bench"};
  return std::find(kLong.begin(), kLong.end(), verb) != kLong.end();
}

// Whether this many threads find a core each beside what runs now, this thread left out.
bool room_for(int64_t threads) {
  const int64_t cores = sysconf(_SC_NPROCESSORS_ONLN);
  for (int look = 0; look < 3; ++look) {  // what runs for a moment only does not count
    if (look > 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);) {
      int64_t running = 0;
      if (std::sscanf(line.c_str(), "procs_running %" SCNd64, &running) == 1 &&
          running - 1 + threads <= cores) {
        return true;
      }
    }
  }
  return false;
}

void settle_environment(char** argv) {
  const bool again = std::getenv(kRestarted) != nullptr;
  unsetenv(kRestarted);
  const auto machine = this_machine();
  bool changed = false;
  // Debian 12's OpenBLAS does not know recent CPUs.
  if (machine.capability == "avx512") changed |= set_missing("OPENBLAS_CORETYPE", "SkylakeX");
  if (machine.capability == "avx2") changed |= set_missing("OPENBLAS_CORETYPE", "Haswell");
  // A thread that waits for others looks 300,000 times before it sleeps, some milliseconds: on a core
  // that somebody else could use. 20,000 times bridge the gaps between a step's parallel parts; where
  // others wait for a core, 1000 do (docs/adr/0012).
  if (!std::getenv("OMP_WAIT_POLICY"))
    changed |= set_missing("GOMP_SPINCOUNT", room_for(machine.threads) ? "20000" : "1000");
  // BRAID_THREADS goes before OMP_NUM_THREADS; torch knows the latter only (engine/start.cpp).
  const auto threads = std::to_string(machine.threads);
  const char* known = std::getenv("OMP_NUM_THREADS");
  changed |= !known || known != threads;
  setenv("OMP_NUM_THREADS", threads.c_str(), 1);
  if (!changed || again) return;
  setenv(kRestarted, "1", 1);
  execv("/proc/self/exe", argv);
  unsetenv(kRestarted);  // not to be had: the program goes on, slower
}

}  // namespace braid
