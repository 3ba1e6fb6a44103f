#include "braid/core/machine.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "braid/core/error.h"

namespace braid {
namespace {

// Cores a cgroup (v2) lets us use: "200000 100000" = 2 cores. 0 = no limit.
int64_t cgroup_cores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return std::max<int64_t>(1, std::llround(std::strtod(quota.c_str(), nullptr) / period));
}

int64_t allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int64_t cores = sysconf(_SC_NPROCESSORS_ONLN);
  if (sched_getaffinity(0, sizeof set, &set) == 0) cores = CPU_COUNT(&set);
  const int64_t limit = cgroup_cores();
  return std::max<int64_t>(1, limit > 0 ? std::min(cores, limit) : cores);
}

int64_t thread_count() {
  for (const char* name : {"BRAID_THREADS", "OMP_NUM_THREADS"}) {
    const char* value = std::getenv(name);
    if (!value || !*value) continue;
    int64_t count = 0;
    const std::string_view text(value);
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
    if (parsed.ec != std::errc() || count < 1 || count > 4096) {
      throw Error(ErrorCode::kUsage,
                  std::string(name) + "='" + value + "': expected a thread count, 1 .. 4096");
    }
    return count;
  }
  return allowed_cores();
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::string cpu_capability() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) {
    return "avx512";
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "avx2";
#endif
  return "default";
}

}  // namespace

Machine this_machine() {
  const int64_t pages = sysconf(_SC_PHYS_PAGES), page_size = sysconf(_SC_PAGE_SIZE);
  return {cpu_name(), cpu_capability(), thread_count(), pages * page_size / (1 << 20)};
}

int64_t peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

std::filesystem::path cache_folder() {
  const std::pair<const char*, const char*> places[] = {
      {"BRAID_CACHE", ""}, {"XDG_CACHE_HOME", "braid"}, {"HOME", ".cache/braid"}};
  for (const auto& [name, below] : places) {
    const char* value = std::getenv(name);
    if (value && *value) return *below ? std::filesystem::path(value) / below : value;
  }
  throw Error(ErrorCode::kUsage, "no folder for caches: set BRAID_CACHE, or HOME");
}

}  // namespace braid
