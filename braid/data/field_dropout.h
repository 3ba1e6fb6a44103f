// Modality dropout: training hides whole fields of a sample at random, so that no field leans on
// another to be there.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "braid/core/rng.h"

namespace braid {

struct FieldDropoutConfig {
  double rate = 0;  // chance of each field
  // Fields that a term of the loss compares; views of one field: it twice.
  std::vector<std::pair<size_t, size_t>> pairs;
};

// Which of the fields that a sample has (`there`) are hidden: in random order each with the chance
// `rate`, but never one without which the sample would be in no pair. A sample that is in none
// keeps all it has.
std::vector<bool> dropped_fields(const std::vector<bool>& there, const FieldDropoutConfig& config,
                                 Rng& rng);

}  // namespace braid
