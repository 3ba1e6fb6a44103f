// `braid probe`: how well the frozen vectors of a run tell the classes of a column.
#pragma once

#include "braid/study/study_api.h"

namespace braid {

// A linear classifier and nearest neighbours, fitted on the training split, their settings chosen
// on the validation split, measured on `split`. Fields that read the column are left out. Throws
// Error(kConfig) for a column that holds no classes, for splits that are not there, and where no
// field is left.
ProbeSummary probe_run(const ProbeRequest& request, const Watch& watch);

}  // namespace braid
