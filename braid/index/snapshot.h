// One committed state of an index in memory: mapped segments and which rows are which items.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/index/ann.h"
#include "braid/index/catalog.h"
#include "braid/index/segment.h"

namespace braid {

struct LiveSegment {
  SegmentInfo info;
  std::shared_ptr<const SegmentFile> file;
  std::shared_ptr<const Ann> ann;  // null where info.ann says so, or for the following
  std::string ann_problem;         // why the graph or clusters cannot be used; else ""
  std::vector<int64_t> ids;        // [rows]; meaningless where not live
  std::vector<uint8_t> live;       // [rows]
  int64_t live_count = 0;
};

struct Snapshot {
  int64_t generation = -1;
  int64_t width = 0;
  int64_t size = 0;
  std::vector<std::shared_ptr<const LiveSegment>> segments;
};

// Inside a read transaction, which keeps the files in place until they are mapped. Takes over from
// `previous` (may be null) what has not changed. Throws Error(kInput) for damage, but for damaged
// .ann files, which an exact search does without.
std::shared_ptr<const Snapshot> load_snapshot(Catalog& catalog, const std::filesystem::path& folder,
                                              int64_t width, const Snapshot* previous);

}  // namespace braid
