// `braid predict`: answers to the tasks of a run for new rows.
#pragma once

#include "braid/engine/api.h"

namespace braid {

// Throws Error(kUsage) for a run without tasks.
PredictSummary predict_rows(const PredictRequest& request, const Watch& watch);

}  // namespace braid
