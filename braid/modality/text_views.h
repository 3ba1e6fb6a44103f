// Random changes of a token sequence: the views of text that NT-Xent compares.
#pragma once

#include <cstdint>
#include <vector>

#include "braid/core/rng.h"
#include "braid/modality/text.h"

namespace braid {

// Deletes, swaps, inserts and masks, in this order. `ids` has no <eos>; one token or more goes in
// and comes out.
std::vector<int64_t> disturb(std::vector<int64_t> ids, const TextViewConfig& config,
                             const Tokenizer& tokenizer, Rng& rng);

}  // namespace braid
