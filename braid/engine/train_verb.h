// `braid train`: a recipe becomes a run directory.
#pragma once

#include "braid/data/loader.h"
#include "braid/engine/api.h"
#include "braid/recipe/recipe.h"
#include "braid/task/joint_loss.h"

namespace braid {

TrainSummary train_run(const TrainRequest& request, const Watch& watch);

// How training reads its rows; what the model remembers of frozen fields takes their place.
LoaderConfig loader_config(const Recipe& recipe, const JointLoss& loss, const Model& model);

}  // namespace braid
