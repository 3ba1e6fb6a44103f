// Any loss at several widths at once, so that the first values of a vector are a vector too.
//   L = sum_m c_m L_m / sum_m c_m,   L_m the loss of the first m values of every vector
// Source: Kusupati et al. 2022 (Matryoshka representation learning), eq. 1; there without the
// division, which keeps a term's weight what it is for one width. One loss for all widths: its
// temperature (and queue) is shared.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "braid/alignment/alignment.h"

namespace braid {

struct PrefixWidth {
  int64_t width;
  double weight;
};

// `widths` not empty. The accuracy is that of the widest.
std::shared_ptr<Alignment> at_widths(std::shared_ptr<Alignment> loss,
                                     std::vector<PrefixWidth> widths);

}  // namespace braid
