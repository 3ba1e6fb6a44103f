#include "braid/data/loading.h"

#include <cmath>
#include <cstdio>

namespace braid {

ValueOrigins& ValueOrigins::operator+=(const ValueOrigins& other) {
  memory += other.memory;
  disk += other.disk;
  decoded += other.decoded;
  return *this;
}

EpochLoading& EpochLoading::operator+=(const EpochLoading& other) {
  epochs += other.epochs;
  samples += other.samples;
  bytes += other.bytes;
  seconds += other.seconds;
  origins += other.origins;
  return *this;
}

std::string loading_text(const EpochLoading& loading) {
  if (loading.samples == 0) return "nothing";
  char text[96];
  std::snprintf(text, sizeof text, "%.0f samples/s, %.1f MB/s", loading.samples_per_s(),
                loading.mb_per_s());
  std::string shares;
  const auto add = [&](const char* name, int64_t count) {
    if (count == 0) return;
    const double percent =
        100 * static_cast<double>(count) / static_cast<double>(loading.origins.all());
    char share[64];
    std::snprintf(share, sizeof share, "%s%s %.0f %%", shares.empty() ? "" : ", ", name, percent);
    shares += share;
  };
  add("from memory", loading.origins.memory);
  add("from the disk cache", loading.origins.disk);
  add("decoded", loading.origins.decoded);
  return text + (shares.empty() ? "" : " (files: " + shares + ")");
}

}  // namespace braid
