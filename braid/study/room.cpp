#include "braid/study/room.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace braid {
namespace {

constexpr double kMargin = 1.25;  // variants differ, and so do moments

int64_t number_in(const char* path) {
  std::ifstream file(path);
  int64_t number = -1;
  return file >> number ? number : -1;  // "max": no limit
}

// File pages that the cgroup counts and the system would give back.
int64_t reclaimable_bytes() {
  std::ifstream file("/sys/fs/cgroup/memory.stat");
  std::string key;
  for (int64_t value = 0; file >> key >> value;) {
    if (key == "inactive_file") return value;
  }
  return 0;
}

}  // namespace

bool has_room(const MemoryUse& use) {
  if (use.running_mb.empty()) return true;
  int64_t need = use.need_mb;
  if (need == 0) {
    if (!use.all_at_work) return false;
    need = *std::max_element(use.running_mb.begin(), use.running_mb.end());
  }
  const auto wanted = static_cast<int64_t>(kMargin * static_cast<double>(need));
  int64_t left = use.available_mb;
  for (const int64_t held : use.running_mb) left -= std::max<int64_t>(0, wanted - held);
  return left >= wanted;
}

int64_t available_memory_mb() {
  int64_t available = 0;
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("MemAvailable:")) available = std::stoll(line.substr(13)) / 1024;
  }
  const int64_t limit = number_in("/sys/fs/cgroup/memory.max");
  const int64_t used = number_in("/sys/fs/cgroup/memory.current");
  if (limit < 0 || used < 0) return available;
  return std::min(available, std::max<int64_t>(0, limit - used + reclaimable_bytes()) >> 20);
}

}  // namespace braid
