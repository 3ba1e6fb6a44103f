// What a run says about samples given by hand.
#pragma once

#include "braid/engine/api.h"
#include "braid/engine/loaded_run.h"
#include "braid/task/asked_samples.h"

namespace braid {

AskSummary ask_run(const AskRequest& request, const Watch& watch);

// What `ask` and `explain` share. Throw Error(kUsage) naming what there is, Error(kConfig) for keys
// of the search.
size_t asked_task(const LoadedRun& run, const std::string& wanted);
std::vector<int64_t> asked_languages(const std::string& wanted, const TargetFacts& facts);
SearchConfig asked_search(const std::map<std::string, std::string>& keys, const TaskConfig& task);
std::vector<std::string> field_names(const Recipe& recipe);
size_t asked_field(const LoadedRun& run, const AskRequest::Given& given);
AskedValues asked_values(const LoadedRun& run,
                         const std::vector<std::vector<AskRequest::Given>>& samples);

}  // namespace braid
