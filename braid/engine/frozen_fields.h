// What frozen encoders make of the data, before training begins.
#pragma once

#include <vector>

#include "braid/engine/api.h"
#include "braid/engine/evaluation.h"
#include "braid/recipe/recipe.h"
#include "braid/task/model.h"

namespace braid {

// Encodes all values of frozen fields that training on `rows` and validation (nullptr: none) may
// ask for; the model remembers them. Throws what encode_once throws.
void encode_frozen_fields(Model& model, const Recipe& recipe, const Dataset& data,
                          const std::vector<int64_t>& rows, const Evaluator* evaluator,
                          const std::vector<const Modality*>& modalities, const Watch& watch);

}  // namespace braid
