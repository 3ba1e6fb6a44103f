// One axis of a resize: which inputs an output sums, and with what weights (Pillow, Resample.c).
#pragma once

#include "braid/kernel/resample.h"
#include "braid/modality/picture/resize.h"

namespace braid {

struct Axis {
  int64_t in_size;
  float begin, end;  // of the box
  int64_t out_size;
  int64_t out_first, out_count;  // of the window

  // Every output in the window is one input, in order from `out_first`.
  bool unscaled() const {
    return begin == 0 && end == static_cast<float>(out_size) && out_size == in_size;
  }
};

AxisWeights weigh(const Axis& axis, ResizeFilter filter);

}  // namespace braid
