// Support sets of a model's fields, filled from training rows.
#pragma once

#include <cstdint>
#include <vector>

#include "braid/data/dataset.h"
#include "braid/recipe/recipe.h"
#include "braid/task/embed.h"

namespace braid {

// Of each field with `support`: the vectors, as its tower makes them now, of its values in `rows`,
// and for each the mean direction of what its sample has in the other field. Rows that lack either,
// and values that cannot be read, are left out; of more rows than support.max as many at even
// distances are taken. Throws Error(kInput) where no row is left.
void fill_supports(Model& model, const Recipe& recipe, const Dataset& data,
                   const std::vector<int64_t>& rows, const std::vector<const Modality*>& modalities,
                   const EmbedOptions& options);

}  // namespace braid
