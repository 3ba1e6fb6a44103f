// How fast a loader gives batches, and where it has the values from.
#pragma once

#include <cstdint>
#include <string>

namespace braid {

// Of values that lie in files; inline ones (text) are not counted.
struct ValueOrigins {
  int64_t memory = 0;   // prepared before, kept by this process
  int64_t disk = 0;     // prepared before, mapped from the cache on disk
  int64_t decoded = 0;  // read and prepared now

  int64_t all() const { return memory + disk + decoded; }
  ValueOrigins& operator+=(const ValueOrigins& other);
};

// Of one epoch, or of several together.
struct EpochLoading {
  int64_t epochs = 0;
  int64_t samples = 0;  // rows of batches handed out
  int64_t bytes = 0;    // of those batches' arrays
  double seconds = 0;   // that the workers took, side by side: what training, too, keeps them
                        // from doing is in it, waiting for the trainer is not
  ValueOrigins origins;

  double samples_per_s() const { return seconds > 0 ? static_cast<double>(samples) / seconds : 0; }
  double mb_per_s() const { return seconds > 0 ? static_cast<double>(bytes) / 1e6 / seconds : 0; }
  EpochLoading& operator+=(const EpochLoading& other);
};

// The first epoch apart: later ones find what it has decoded.
struct Loading {
  EpochLoading first, later;
};

// "812 samples/s, 36.1 MB/s (decoded 100 %)", "nothing" where nothing was loaded.
std::string loading_text(const EpochLoading& loading);

}  // namespace braid
