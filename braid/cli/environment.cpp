#include "braid/cli/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

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

void settle_environment(char** argv) {
  const bool again = std::getenv(kRestarted) != nullptr;
  unsetenv(kRestarted);
  const auto machine = this_machine();
  bool changed = false;
  // Debian 12's OpenBLAS does not know recent CPUs.
  if (machine.capability == "avx512") changed |= set_missing("OPENBLAS_CORETYPE", "SkylakeX");
  if (machine.capability == "avx2") changed |= set_missing("OPENBLAS_CORETYPE", "Haswell");
  // A thread that waits for others looks 300,000 times before it sleeps, some milliseconds: on a core
  // that the loader, or anybody else, could use. 1000 times is enough where all go on at once.
  if (!std::getenv("OMP_WAIT_POLICY")) changed |= set_missing("GOMP_SPINCOUNT", "1000");
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
