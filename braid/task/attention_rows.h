// How the fields of rows of a data set look at each other: attention weights of the interactions.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/array.h"
#include "braid/task/embed.h"

namespace braid {

// Of a row: "0.image->text" [T_from, T_to] float32, the number that of the interaction in the
// recipe; its last layer, mean over heads (Look). Without those of fields that the row lacks.
using RowAttention = std::vector<std::pair<std::string, Array>>;

// Row by row, so that each has its own tokens and no others. Puts the model in eval mode. Throws
// Error(kUsage) for a model without interactions, Error(kLimit) where the weights of all rows come
// to more than `most_bytes`, Error(kInterrupted) when options.stop is set.
std::vector<RowAttention> attention_of_rows(Model& model, const Dataset& data,
                                            const std::vector<const Modality*>& modalities,
                                            const std::vector<int64_t>& rows,
                                            const EmbedOptions& options, int64_t most_bytes);

}  // namespace braid
