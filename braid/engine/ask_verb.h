// What a run says about samples given by hand.
#pragma once

#include "braid/engine/api.h"
#include "braid/engine/loaded_run.h"
#include "braid/task/asked_samples.h"

namespace braid {

AskSummary ask_run(const AskRequest& request, const Watch& watch);

// What `ask` and `explain` share. Throw Error(kUsage) naming what there is.
size_t asked_task(const LoadedRun& run, const std::string& wanted);
AskedValues asked_values(const LoadedRun& run, const std::vector<std::vector<AskRequest::Given>>& samples);

}  // namespace braid
