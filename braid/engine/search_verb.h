// `braid search`: an index asked.
#pragma once

#include "braid/engine/api.h"

namespace braid {

std::vector<SearchHit> search_index(const SearchRequest& request, const Watch& watch);

}  // namespace braid
