// One committed state of an index in memory: mapped segments and which rows are which items.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "braid/index/catalog.h"
#include "braid/index/segment.h"

namespace braid {

struct LiveSegment {
  SegmentInfo info;
  std::shared_ptr<const SegmentFile> file;
  std::vector<int64_t> ids;   // [rows]; meaningless where not live
  std::vector<uint8_t> live;  // [rows]
  int64_t live_count = 0;
};

struct Snapshot {
  int64_t generation = -1;
  int64_t width = 0;
  int64_t size = 0;
  std::vector<std::shared_ptr<const LiveSegment>> segments;
};

// Inside a read transaction, which keeps the files in place until they are mapped. Takes over from
// `previous` (may be null) what has not changed. Throws Error(kInput) for damage.
std::shared_ptr<const Snapshot> load_snapshot(Catalog& catalog, const std::filesystem::path& folder,
                                              int64_t width, const Snapshot* previous);

struct Candidate {
  float score;
  int64_t id;
};

// For each of `queries` [Q, D], unit: the k best and all that equal the k-th, best first.
std::vector<std::vector<Candidate>> find_candidates(const Snapshot& snapshot,
                                                    const std::vector<float>& queries, int64_t k,
                                                    int64_t threads);

}  // namespace braid
