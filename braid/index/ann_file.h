// segment-N.ann: an Ann on disk, bound to its segment by the hash of the segment's vectors.
#pragma once

#include <filesystem>
#include <memory>

#include "braid/index/ann_recall.h"
#include "braid/index/segment.h"

namespace braid {

// Builds, measures and writes what stands beside segment `info`; info.ann is ignored. The file
// appears whole or not at all. Throws Error(kIo).
AnnInfo write_ann(const std::filesystem::path& path, IndexKind kind, const SegmentInfo& info,
                  const AnnRows& rows, int64_t threads);

// Throws Error(kInput) naming the file for one that is missing, changed or of another segment.
std::shared_ptr<const Ann> read_ann(const std::filesystem::path& path, const SegmentInfo& info,
                                    const AnnRows& rows);

}  // namespace braid
