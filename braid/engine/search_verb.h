// `braid index`, `braid search`: a run's vectors kept and asked.
#pragma once

#include "braid/engine/api.h"

namespace braid {

IndexSummary index_manifest(const IndexRequest& request, const Watch& watch);
std::vector<SearchHit> search_index(const SearchRequest& request, const Watch& watch);

}  // namespace braid
