// What one sample costs a model, forward.
#pragma once

#include <vector>

#include "braid/task/embed.h"

namespace braid {

// Floating-point operations (two a multiply-add, of products, convolutions and attention) of one
// full-size value of every field and of the joint half behind them. The joint half reads as many
// tokens of a field as the longest of the first rows has there. Puts the model in eval mode.
double sample_flops(Model& model, const Dataset& data, const std::vector<const Modality*>& modalities,
                    const std::vector<int64_t>& rows, const EmbedOptions& options);

}  // namespace braid
