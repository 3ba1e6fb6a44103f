// `braid eval`, `braid embed`: what a trained run knows.
#pragma once

#include "braid/engine/api.h"

namespace braid {

EvalSummary eval_run(const EvalRequest& request, const Watch& watch);
EmbedSummary embed_values_of_run(const EmbedRequest& request, const Watch& watch);

}  // namespace braid
