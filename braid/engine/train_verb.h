// `braid train`: a recipe becomes a run directory.
#pragma once

#include "braid/engine/api.h"

namespace braid {

TrainSummary train_run(const TrainRequest& request, const Watch& watch);

}  // namespace braid
