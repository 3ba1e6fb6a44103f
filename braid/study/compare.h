// `braid compare`: which of several ways to train a recipe is best, and is that more than noise?
#pragma once

#include "braid/study/study_api.h"

namespace braid {

// Trains and evaluates what is missing of the study in `request.out`, then writes its tables, page
// and the winner's recipe. Throws Error(kUsage), Error(kConfig) before anything runs for what cannot
// be compared, Error(kState) for a folder that holds something else, Error(kInterrupted). Cells that
// fail are named in the summary.
CompareSummary compare_variants(const CompareRequest& request, const Watch& watch);

}  // namespace braid
