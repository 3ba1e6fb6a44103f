// What the verbs that fill an index share: the index a run's vectors go into, and how it is left.
#pragma once

#include <memory>
#include <optional>

#include "braid/engine/loaded_run.h"
#include "braid/index/index.h"

namespace braid {

inline constexpr int64_t kRowsPerTransaction = 1024;

// A new index bound to `run` with vectors of `width` (0 = whole), or with `add` the one that is
// there. Throws Error(kState) if that has vectors of another run, Error(kUsage) of another width.
std::unique_ptr<Index> open_target(const std::filesystem::path& path, const LoadedRun& run,
                                   bool add, int64_t width);

// The field named, else the recipe's first that is not text.
size_t indexed_field(const LoadedRun& run, const std::string& name);

// The run that an index names, unless `run` does. Throws Error(kState) if its weights are not those
// that made the vectors.
LoadedRun open_matching_run(const std::filesystem::path& path, const Index& index,
                            const std::filesystem::path& run, const std::string& device);

// After the last item: makes it the kind asked for, or brings what was added under the kind it is.
IndexInfo settle(Index& index, const std::optional<IndexKind>& kind);

}  // namespace braid
