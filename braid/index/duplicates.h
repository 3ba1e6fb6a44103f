// Items of an index that are nearly the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/index/index.h"

namespace braid {

struct DuplicateItem {
  std::string key;
  std::string metadata;
  std::string file;
  double score = 0;     // cosine with the nearest other of the group
  std::string nearest;  // that one's key
};

struct DuplicateReport {
  int64_t items = 0;  // compared
  int64_t pairs = 0;  // with cosine >= threshold
  // Items that pairs join, also over a third one; largest group first, then by key.
  std::vector<std::vector<DuplicateItem>> groups;  // each by key
};

struct DuplicateOptions {
  double threshold = 0.97;
  int64_t threads = 0;  // 0: as many as the machine has
  ProgressSink sink;
  const StopFlag* stop = nullptr;
};

// Compares every pair, tile by tile. Memory: the vectors once more, and a few numbers an item.
// Throws Error(kUsage) for a threshold outside -1 .. 1, Error(kInterrupted).
DuplicateReport find_duplicates(const Index& index, const DuplicateOptions& options);

}  // namespace braid
