// Parts of the model that are trained otherwise, or not at all (train.parts).
#pragma once

#include <string>
#include <vector>

#include "braid/recipe/recipe.h"
#include "braid/task/joint_loss.h"
#include "braid/task/model.h"

namespace braid {

// What counts for a parameter: the last entry that matches its name ("model." in front of it is
// left out), or the defaults.
PartConfig part_of(const std::vector<PartConfig>& parts, std::string name);

// Parameters that are frozen need no gradient from here on; an encoder or projection all of which
// is frozen stays in eval mode, so that its statistics stay, too. Throws Error(kConfig) for a
// pattern that no parameter of model or loss matches.
void freeze_parts(Model& model, const JointLoss& loss, const std::vector<PartConfig>& parts);

}  // namespace braid
