// What the texts that a report shows rest on, kept beside them: reports are written without a
// model.
#pragma once

#include <vector>

#include "braid/engine/task_record.h"
#include "braid/recipe/recipe.h"
#include "braid/task/model.h"
#include "braid/task/target_table.h"

namespace braid {

// Gives the samples of tasks that write the mean heat over their pictures, of fields whose tokens
// the decoder looks at. A text that one value of each field does not give (a field joins several)
// has none.
void add_sample_heat(const Recipe& recipe, const std::vector<TargetFacts>& facts, Model& model,
                     const std::vector<const Modality*>& modalities,
                     std::vector<TaskRecord>& tasks);

}  // namespace braid
