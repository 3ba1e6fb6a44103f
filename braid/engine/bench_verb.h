// `braid bench RUN`: how fast this machine reads, encodes, trains and searches with a run's model.
#pragma once

#include "braid/engine/api.h"

namespace braid {

// Trains in memory; the run and its data stay as they are.
BenchSummary bench_run(const BenchRequest& request, const Watch& watch);

}  // namespace braid
