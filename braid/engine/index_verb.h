// `braid index RUN MANIFEST`: a run's vectors of a manifest's rows, kept.
#pragma once

#include "braid/engine/api.h"

namespace braid {

IndexSummary index_manifest(const IndexRequest& request, const Watch& watch);

}  // namespace braid
