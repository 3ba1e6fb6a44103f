// Why a run answers as it does, as pictures.
#pragma once

#include "braid/engine/api.h"

namespace braid {

ExplainSummary explain_run(const ExplainRunRequest& request, const Watch& watch);

}  // namespace braid
