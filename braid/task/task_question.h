// A protocol of `kind: task` with its rows and what is true of them.
#pragma once

#include "braid/task/target_table.h"

namespace braid {

struct TaskQuestion {
  ProtocolConfig protocol;
  size_t task = 0;  // of the recipe
  TargetTable targets;
};

// Rows of the validation split leave out what the recipe withholds. Throws Error(kConfig) where no
// row is left, and what read_targets throws.
TaskQuestion resolve_task_question(const Recipe& recipe, const std::vector<TargetFacts>& facts,
                                   const Dataset& data, const ProtocolConfig& protocol);

}  // namespace braid
